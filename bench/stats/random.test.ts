import { describe, expect, it } from 'vitest';
import { shuffled, uniform } from './random.ts';

const SEEDS = Array.from({ length: 1000 }, (_, seed) => seed);

describe('seeded random numbers', () => {
  it('are the same for the same seed and others for another', () => {
    expect(uniform(1)()).toBe(uniform(1)());
    expect(new Set(SEEDS.map((seed) => uniform(seed)())).size).toBe(SEEDS.length);
  });

  it('are spread evenly from the first one on, over neighbouring seeds too', () => {
    const mean = SEEDS.reduce((sum, seed) => sum + uniform(seed)(), 0) / SEEDS.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });

  it('put two things in either order about as often', () => {
    const first = SEEDS.filter((seed) => shuffled(['a', 'b'], seed)[0] === 'a').length;
    expect(Math.abs(first / SEEDS.length - 0.5)).toBeLessThan(0.05);
  });
});
