import { describe, expect, it } from 'vitest';
import { type Capacity, searchCapacity, type SearchOptions, type StepVerdict } from './capacity-search.ts';
import { uniform } from './random.ts';

const OPTIONS: SearchOptions = { startRate: 40, lowestRate: 0.1, highestRate: 1e6, resolution: 0.04, replicates: 5, mayGoOn: () => true };

interface Run extends Capacity {
  readonly rates: readonly number[];
}

async function search(gateway: (rate: number) => StepVerdict, options: Partial<SearchOptions> = {}): Promise<Run> {
  const rates: number[] = [];
  const capacity = await searchCapacity(
    async (rate) => {
      rates.push(rate);
      return gateway(rate);
    },
    { ...OPTIONS, ...options },
  );
  return { ...capacity, rates };
}

/** Keeps the limits up to its capacity, which every step finds anew within `spread` (a share, one standard deviation or so). */
function noisyGateway(capacity: number, spread: number, seed: number): (rate: number) => StepVerdict {
  const random = uniform(seed);
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  return (rate) => ({ kept: rate <= capacity * (1 + spread * normal()) });
}

describe('searchCapacity', () => {
  it('finds a sharp edge within its resolution, with an interval around it', async () => {
    const { bound, rate, interval } = await search((asked) => ({ kept: asked <= 283 }));
    expect(bound).toBe('found');
    expect(Math.abs(rate - 283)).toBeLessThan(283 * 0.02);
    expect(interval?.[0]).toBeLessThanOrEqual(283);
    expect(interval?.[1]).toBeGreaterThanOrEqual(283);
  });

  it('halves from a start that is too high', async () => {
    const { rate, rates } = await search((asked) => ({ kept: asked <= 74 }), { startRate: 1000 });
    expect(rates.slice(0, 5)).toEqual([1000, 500, 250, 125, 62.5]);
    expect(Math.abs(rate - 74)).toBeLessThan(74 * 0.02);
  });

  it('takes so few steps that a search of ten-second steps ends within six minutes', async () => {
    const { rates } = await search((asked) => ({ kept: asked <= 283 }), { startRate: 140 });
    expect(rates.length).toBeLessThan(26);
  });

  it('has the truth in 9 of 10 of its intervals or more, though verdicts near the edge are noisy', async () => {
    let covered = 0;
    const trials = 200;
    for (let seed = 1; seed <= trials; seed += 1) {
      const { interval } = await search(noisyGateway(283, 0.04, seed));
      if (interval !== null && interval[0] <= 283 && interval[1] >= 283) covered += 1;
    }
    expect(covered / trials).toBeGreaterThan(0.9);
  });

  it('says "at least" when no rate failed', async () => {
    const { bound, rate, interval } = await search(() => ({ kept: true }), { highestRate: 1000 });
    expect({ bound, rate, interval }).toEqual({ bound: 'at_least', rate: 640, interval: null });
  });

  it('says "none" when not even the lowest rate is kept', async () => {
    const { bound, rate } = await search(() => ({ kept: false }));
    expect({ bound, rate }).toEqual({ bound: 'none', rate: 0 });
  });

  it('says "at least" when the generator fails before the gateway', async () => {
    const { bound, rate, generatorLimited } = await search((asked) => ({ kept: asked <= 100, generatorLimited: asked > 100 }));
    expect({ bound, rate, generatorLimited }).toEqual({ bound: 'at_least', rate: 80, generatorLimited: true });
  });

  it('ends when its time is over, with what it knows', async () => {
    let steps = 0;
    const { bound, rate, interval } = await search((asked) => ({ kept: asked <= 283 }), { mayGoOn: () => (steps += 1) <= 6 });
    expect(bound).toBe('found');
    expect(rate).toBeGreaterThan(160);
    expect(rate).toBeLessThan(320);
    expect(interval).toBeNull();
  });
});
