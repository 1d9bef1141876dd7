import { describe, expect, it } from 'vitest';
import { mean, median, percentile, standardDeviation } from './percentile.ts';

describe('percentile', () => {
  // By hand from the original's rule: the value at index min(floor(n * p / 100), n - 1); the values are 1 to n.
  it.each([
    [1, 0, 1],
    [1, 50, 1],
    [1, 100, 1],
    [2, 49, 1],
    [2, 50, 2],
    [2, 100, 2],
    [3, 50, 2],
    [4, 50, 3],
    [10, 0, 1],
    [10, 9, 1],
    [10, 10, 2],
    [10, 95, 10],
    [20, 95, 20],
    [100, 50, 51],
    [100, 95, 96],
    [100, 99, 100],
    [100, 100, 100],
    [200, 99, 199],
    [500, 99.9, 500],
  ])('of %i values, p%d is the one of rank %i', (n, p, expected) => {
    expect(
      percentile(
        Array.from({ length: n }, (_, index) => index + 1),
        p,
      ),
    ).toBe(expected);
  });

  it('of no values is NaN', () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('median', () => {
  it('sorts by number and leaves the input as it is', () => {
    const values = [10, 9, 100, 1];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100, 1]);
  });
});

describe('mean and standard deviation', () => {
  it('are those of the textbook', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(values)).toBe(5);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  it('are NaN where there are too few values', () => {
    expect([mean([]), standardDeviation([]), standardDeviation([1])]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});
