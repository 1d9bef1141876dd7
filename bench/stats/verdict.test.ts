import { describe, expect, it } from 'vitest';
import { holm, judge } from './verdict.ts';

const MARGIN = 0.03;

describe('judge', () => {
  it('gives the interval of the paired t-test on logs', () => {
    // By hand, with the tabulated t(0.975, 6) = 2.446912: exp(mean(log x) +- 2.446912 * sd(log x) / sqrt(7)).
    const { change, interval } = judge([1.02, 1.05, 1.01, 1.08, 1.03, 1.06, 1.04], MARGIN, false);
    expect(change).toBeCloseTo(0.0411904, 6);
    expect(interval?.[0]).toBeCloseTo(0.0191991, 6);
    expect(interval?.[1]).toBeCloseTo(0.0636562, 6);
  });

  it('says slower when the interval is above 0 and the estimate beyond the margin', () => {
    expect(judge([1.05, 1.06, 1.055, 1.052], MARGIN, false).verdict).toBe('slower');
  });

  it('says slower of a rate that falls', () => {
    expect(judge([0.94, 0.95, 0.945, 0.948], MARGIN, true).verdict).toBe('slower');
  });

  it('says faster of a time that falls', () => {
    expect(judge([0.9, 0.91, 0.905, 0.9], MARGIN, false).verdict).toBe('faster');
  });

  it('says same only when the whole interval is inside the margin, even where it leaves out 0', () => {
    expect(judge([1.01, 1.011, 1.009, 1.01], MARGIN, false).verdict).toBe('same');
  });

  it('is undecided about a spread around the margin, and tells how many pairs would do', () => {
    const result = judge([0.97, 1.06, 1.01, 1.05], MARGIN, false);
    expect(result.verdict).toBe('undecided');
    expect(result.pairsToDecide).toBeGreaterThan(4);
  });

  it('is undecided with a single pair, and knows no interval', () => {
    expect(judge([1.5], MARGIN, false)).toMatchObject({ verdict: 'undecided', interval: null });
  });
});

describe('holm', () => {
  it('multiplies the k-th smallest by what is left, and never falls', () => {
    // By hand: 4 * 0.005, 3 * 0.01, 2 * 0.03, and no less than the one before.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, value] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[index]).toBeCloseTo(value, 10);
  });

  it('never exceeds 1', () => {
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});
