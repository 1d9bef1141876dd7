import { describe, expect, it } from 'vitest';
import { changeOfMeans } from './change.ts';

describe('changeOfMeans', () => {
  it('is the ratio of the geometric means less 1', () => {
    expect(changeOfMeans([10, 10, 10], [11, 11, 11]).change).toBeCloseTo(0.1, 12);
    expect(changeOfMeans([1, 100], [20, 20]).change).toBeCloseTo(1, 12);
  });

  it("has Welch's interval: by hand for 10, 11, 12 against 12, 13, 15", () => {
    const { interval } = changeOfMeans([10, 11, 12], [12, 13, 15]);
    expect(interval?.[0]).toBeCloseTo(-0.045, 2);
    expect(interval?.[1]).toBeCloseTo(0.534, 2);
  });

  it('has no interval below two values a group', () => {
    expect(changeOfMeans([10], [11, 12])).toEqual({ change: expect.closeTo(0.1489, 4), interval: null });
  });
});
