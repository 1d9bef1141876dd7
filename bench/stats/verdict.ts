import { type Interval, tInterval, tQuantile, tTestPValue } from './interval.ts';
import { standardDeviation } from './percentile.ts';

/** What a comparison says of one metric. */
export type Verdict = 'slower' | 'faster' | 'same' | 'undecided';

/** A change of a metric between two sides, from the launch pairs. Shares: 0.05 is 5 % more. */
export interface Change {
  /** exp(mean log ratio) - 1; positive means the candidate's value is higher. */
  readonly change: number;
  readonly interval: Interval | null;
  /** Of the hypothesis that it is no worse, one-sided. */
  readonly pValue: number;
  readonly verdict: Verdict;
  readonly pairs: number;
  /** Launch pairs that would decide, if the spread stays as it is; null when decided or unknowable. */
  readonly pairsToDecide: number | null;
}

const MOST_PAIRS = 1000;

/**
 * The change from baseline to candidate. The launch pair is the unit: requests of one launch share its luck, so they are never pooled.
 * The mean of ln(candidate / baseline) with a 95 % t-interval over pairs; the interval is carried back by exp.
 * @param ratios candidate / baseline of each launch pair
 * @param margin share up to which a change is none
 * @param higherIsBetter then less is slower
 */
export function judge(ratios: readonly number[], margin: number, higherIsBetter: boolean): Change {
  const logs = ratios.map(Math.log);
  const estimate = tInterval(logs);
  const meanLog = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const change = Math.expm1(meanLog);
  if (estimate === undefined) return { change, interval: null, pValue: 1, verdict: 'undecided', pairs: ratios.length, pairsToDecide: null };
  const sign = higherIsBetter ? -1 : 1;
  const verdict = decide(meanLog * sign, worseInterval(estimate.interval, sign), margin);
  return {
    change,
    interval: [Math.expm1(estimate.interval[0]), Math.expm1(estimate.interval[1])],
    pValue: oneSidedPValue(meanLog * sign, estimate.standardError, ratios.length - 1),
    verdict,
    pairs: ratios.length,
    pairsToDecide: verdict === 'undecided' ? pairsToDecide(Math.abs(meanLog), standardDeviation(logs), margin) : null,
  };
}

/**
 * Holm's step-down adjustment, in the order of the input: with it, the chance of even one false alarm among all metrics that
 * gate stays at 5 %. Holm, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((one, other) => (pValues[one] ?? 1) - (pValues[other] ?? 1));
  const adjusted = Array.from<number>({ length: pValues.length });
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min((pValues.length - rank) * (pValues[index] ?? 1), 1));
    adjusted[index] = highest;
  }
  return adjusted;
}

/** `meanLog` and the interval turned so that positive is worse. */
function decide(meanLog: number, [low, high]: Interval, margin: number): Verdict {
  const worse = Math.log1p(margin);
  const better = -worse;
  if (low > 0 && meanLog > worse) return 'slower';
  if (high < 0 && meanLog < better) return 'faster';
  return low > better && high < worse ? 'same' : 'undecided';
}

function worseInterval([low, high]: Interval, sign: number): Interval {
  return sign > 0 ? [low, high] : [-high, -low];
}

function oneSidedPValue(meanLog: number, standardError: number, degreesOfFreedom: number): number {
  if (standardError === 0) return meanLog > 0 ? 0 : 1;
  const twoSided = tTestPValue(meanLog / standardError, degreesOfFreedom);
  return meanLog > 0 ? twoSided / 2 : 1 - twoSided / 2;
}

/** The least number of pairs whose interval would keep clear of the limit that the estimate is nearest to. */
function pairsToDecide(size: number, deviation: number, margin: number): number | null {
  const limit = Math.log1p(margin);
  const room = size > limit ? size : limit - size;
  for (let pairs = 2; pairs <= MOST_PAIRS; pairs += 1) {
    if ((tQuantile(0.975, pairs - 1) * deviation) / Math.sqrt(pairs) < room) return pairs;
  }
  return null;
}
