import { describe, expect, it } from 'vitest';
import { centredOn, tInterval, tQuantile, tTestPValue } from './interval.ts';

describe('tQuantile', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2.
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 4, 2.776],
    [0.975, 6, 2.447],
    [0.975, 9, 2.262],
    [0.975, 29, 2.045],
    [0.95, 6, 1.943],
    [0.995, 10, 3.169],
    [0.9, 100, 1.29],
  ])('at %d with %i degrees of freedom is as published', (probability, degreesOfFreedom, published) => {
    expect(tQuantile(probability, degreesOfFreedom)).toBeCloseTo(published, 3);
  });

  it('has four digits right where they count most', () => {
    expect(tQuantile(0.975, 6)).toBeCloseTo(2.4469, 4);
  });
});

describe('tTestPValue', () => {
  it('is the two-sided inverse of the quantile', () => {
    for (const degreesOfFreedom of [1, 6, 30])
      expect(tTestPValue(tQuantile(0.975, degreesOfFreedom), degreesOfFreedom)).toBeCloseTo(0.05, 6);
    expect(tTestPValue(-2.4469, 6)).toBeCloseTo(0.05, 4);
    expect(tTestPValue(0, 6)).toBeCloseTo(1, 10);
  });
});

describe('tInterval', () => {
  it('is mean +- t * s / sqrt(n)', () => {
    // By hand: mean 10, s = sqrt(2.5), t(0.975, 4) = 2.776445; half = 2.776445 * sqrt(2.5 / 5).
    const estimate = tInterval([8, 9, 10, 11, 12]);
    expect(estimate).toMatchObject({ mean: 10, n: 5 });
    expect(estimate?.interval[0]).toBeCloseTo(10 - 1.963243, 5);
    expect(estimate?.interval[1]).toBeCloseTo(10 + 1.963243, 5);
  });

  it('is wider where more confidence is asked for', () => {
    expect(tInterval([8, 9, 10, 11, 12], 0.99)?.interval[1]).toBeCloseTo(10 + 4.604095 * Math.SQRT1_2, 5);
  });

  it('of equal values has no width', () => {
    expect(tInterval([3, 3, 3])?.interval).toEqual([3, 3]);
  });

  it.each([[[]], [[1]], [[1, Number.NaN]], [[1, Number.POSITIVE_INFINITY]]])('does not exist for %j', (values) => {
    expect(tInterval(values)).toBeUndefined();
  });
});

describe('centredOn', () => {
  it('keeps the half width', () => {
    const [low = 0, high = 0] = centredOn(20, tInterval([8, 9, 10, 11, 12])) ?? [];
    expect((low + high) / 2).toBeCloseTo(20, 10);
    expect(high - low).toBeCloseTo(2 * 1.963243, 5);
  });

  it('is null without an estimate', () => {
    expect(centredOn(20, undefined)).toBeNull();
  });
});
