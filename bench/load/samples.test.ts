import { describe, expect, it } from 'vitest';
import { failure } from '../client/failure.ts';
import { BoundedHistogram, Column } from '../stats/distribution.ts';
import { isStamped, type Quantity, Samples } from './samples.ts';

describe.each([
  ['columns', () => new Column()],
  ['histograms', () => new BoundedHistogram()],
])('samples on their way to another thread, as %s', (_, create) => {
  const filled = (from: number): Samples => {
    const samples = new Samples(['latency', 'header'], create);
    for (let value = from; value < from + 100; value += 1) samples.record('latency', value);
    samples.sent = 101;
    samples.succeeded = 100;
    samples.good = 90;
    samples.failures.add(failure('timeout', 0, 'too late'));
    return samples;
  };

  it('arrive as they were, and add up', () => {
    const whole = new Samples(['latency', 'header'], create);
    for (const from of [1, 101]) whole.mergeEncoded(structuredClone(filled(from).encode()));
    expect(whole).toMatchObject({ sent: 202, succeeded: 200, good: 180 });
    expect(whole.of('latency').n).toBe(200);
    expect(Math.round(whole.of('latency').percentile(50))).toBeGreaterThanOrEqual(100);
    expect(Math.round(whole.of('latency').percentile(50))).toBeLessThanOrEqual(101);
    expect(Math.round(whole.of('latency').percentile(99))).toBeGreaterThanOrEqual(198);
    expect(whole.of('header').n).toBe(0);
    expect(whole.failures.list()).toEqual([{ kind: 'timeout', status: 0, message: 'too late', count: 2 }]);
  });
});

describe('isStamped', () => {
  it('knows what a provider without our stamps cannot give', () => {
    expect(['overhead', 'inbound', 'relay_lag'].every((quantity) => isStamped(quantity as Quantity))).toBe(true);
    expect(['latency', 'header', 'first_content', 'done_gap'].some((quantity) => isStamped(quantity as Quantity))).toBe(false);
  });
});
