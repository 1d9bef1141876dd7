import { describe, expect, it } from 'vitest';
import { uniform } from './random.ts';
import { type Reading, trend } from './trend.ts';

const HOUR_MS = 3_600_000;
const SECONDS = 1800;

function readings(valueAt: (second: number) => number): Reading[] {
  return Array.from({ length: SECONDS }, (_, second) => ({ atMs: second * 1000, value: valueAt(second) }));
}

function noise(seed: number): () => number {
  const random = uniform(seed);
  return () => random() * 2 - 1;
}

function excludesZero(values: Reading[]): boolean {
  const { interval } = trend(values);
  return interval !== null && (interval[0] > 0 || interval[1] < 0);
}

describe('trend', () => {
  it('is the slope of a line', () => {
    const { slope, interval } = trend(readings((second) => 300 + second / 60));
    expect(slope * HOUR_MS).toBeCloseTo(60, 6);
    expect(interval?.[0]).toBeCloseTo(slope, 9);
  });

  it('finds a leak in noise', () => {
    const shake = noise(1);
    expect(excludesZero(readings((second) => 300 + (second * 40) / SECONDS + shake()))).toBe(true);
  });

  it('finds no leak in noise alone, in one jump, or in a curve that has flattened out', () => {
    const shake = noise(2);
    expect(excludesZero(readings(() => 300 + shake()))).toBe(false);
    expect(excludesZero(readings((second) => (second > 700 ? 350 : 300) + shake()))).toBe(false);
    expect(excludesZero(readings((second) => 350 - 50 * Math.exp(-second / 120) + shake()))).toBe(false);
  });

  it('calls at most one in ten random walks a leak, where each reading starts from the one before', () => {
    let found = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const step = noise(seed);
      let value = 300;
      if (excludesZero(readings(() => (value += step())))) found += 1;
    }
    expect(found).toBeLessThanOrEqual(20);
  });

  it('has no interval for a single reading', () => {
    expect(trend([{ atMs: 0, value: 1 }])).toEqual({ slope: Number.NaN, interval: null, blocks: 0 });
  });
});
