import { describe, expect, it } from 'vitest';
import { type Arrivals, Schedule } from './schedule.ts';

function dueTimes(arrivals: Partial<Arrivals>): number[] {
  const schedule = new Schedule({ rate: 100, arrival: 'poisson', durationMs: 10_000, seed: 1, ...arrivals });
  const times: number[] = [];
  for (; schedule.nextMs < Number.POSITIVE_INFINITY; schedule.advance()) times.push(schedule.nextMs);
  return times;
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('Schedule', () => {
  it('is evenly spaced where arrivals are constant', () => {
    const times = dueTimes({ arrival: 'constant', rate: 8, durationMs: 1000 });
    expect(times).toEqual([0, 125, 250, 375, 500, 625, 750, 875]);
  });

  it('has exponential gaps where arrivals are Poisson: as many as the rate says, and as spread as their mean', () => {
    const times = dueTimes({ durationMs: 100_000 });
    expect(Math.abs(times.length - 10_000)).toBeLessThan(400);
    const all = gaps(times);
    const mean = all.reduce((sum, gap) => sum + gap, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / all.length);
    expect(deviation / mean).toBeGreaterThan(0.95);
    expect(deviation / mean).toBeLessThan(1.05);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(dueTimes({ seed: 7 })).toEqual(dueTimes({ seed: 7 }));
    expect(dueTimes({ seed: 7 })).not.toEqual(dueTimes({ seed: 8 }));
  });

  it('is shared out among senders so that together they keep the rate', () => {
    const whole = dueTimes({ arrival: 'constant' });
    const parts = [0, 1, 2].flatMap((index) => dueTimes({ arrival: 'constant', share: { index, of: 3 } }));
    expect(parts.sort((one, other) => one - other)).toEqual(whole);
    const random = [0, 1, 2].flatMap((index) => dueTimes({ durationMs: 100_000, share: { index, of: 3 } }));
    expect(Math.abs(random.length - 10_000)).toBeLessThan(400);
  });

  it('says how many it skips', () => {
    const schedule = new Schedule({ rate: 100, arrival: 'constant', durationMs: 1000, seed: 1 });
    expect(schedule.skip(255)).toBe(26);
    expect(schedule.nextMs).toBe(260);
  });
});
