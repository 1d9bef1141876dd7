import { describe, expect, it } from 'vitest';
import { BoundedHistogram, Column, type Distribution } from './distribution.ts';

/** Values from 2 us to 20 s, close together at every size, in an order that is not sorted. */
const SPREAD = Array.from({ length: 20_001 }, (_, index) => 0.002 * 10 ** ((((index * 7919) % 20_001) / 20_001) * 7));
const PERCENTILES = [0, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 100];

function filled<D extends Distribution>(distribution: D, values: readonly number[]): D {
  for (const value of values) distribution.record(value);
  return distribution;
}

describe('Column', () => {
  it('keeps every value', () => {
    const column = filled(new Column(), SPREAD);
    expect(column.n).toBe(SPREAD.length);
    expect([...column.values()]).toEqual(SPREAD);
  });

  it('gives new percentiles after new values', () => {
    const column = filled(new Column(), [1, 2, 3]);
    expect(column.percentile(50)).toBe(2);
    filled(column, [4, 5, 6, 7]);
    expect(column.percentile(50)).toBe(4);
  });
});

describe('BoundedHistogram', () => {
  it.each([1, 2, 3, 10, 100, 20_001])('is within 0.1 %% of a column of %i values, at every percentile', (n) => {
    const values = SPREAD.slice(0, n);
    const [column, histogram] = [filled(new Column(), values), filled(new BoundedHistogram(), values)];
    for (const p of PERCENTILES) expect(Math.abs(histogram.percentile(p) / column.percentile(p) - 1)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(histogram.mean() / column.mean() - 1)).toBeLessThanOrEqual(0.001);
  });

  it('takes what lies outside its range for its ends', () => {
    const histogram = filled(new BoundedHistogram(), [-5, 1e9]);
    expect(histogram.percentile(0)).toBe(0);
    expect(histogram.percentile(100)).toBeCloseTo(3_600_000, -4);
  });

  it('has no values to give', () => {
    expect(filled(new BoundedHistogram(), [1]).values()).toBeUndefined();
  });
});

describe.each([Column, BoundedHistogram])('%o', (Kind) => {
  it('is NaN when empty', () => {
    expect([new Kind().n, new Kind().percentile(50), new Kind().mean()]).toEqual([0, Number.NaN, Number.NaN]);
  });

  it('merged from parts is the same as whole', () => {
    const parts = filled(new Kind(), SPREAD.slice(0, 5000));
    parts.merge(filled(new Kind(), SPREAD.slice(5000)));
    const whole = filled(new Kind(), SPREAD);
    expect(parts.n).toBe(whole.n);
    for (const p of PERCENTILES) expect(parts.percentile(p)).toBe(whole.percentile(p));
  });

  it('does not take in the other kind', () => {
    const other = Kind === Column ? new BoundedHistogram() : new Column();
    expect(() => new Kind().merge(other)).toThrow(TypeError);
  });
});
