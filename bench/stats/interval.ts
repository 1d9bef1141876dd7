import jstat from 'jstat';
import { mean, standardDeviation } from './percentile.ts';

/** A two-sided confidence interval, low end first. */
export type Interval = readonly [low: number, high: number];

/** What a t-interval rests on. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  readonly n: number;
  readonly interval: Interval;
}

/**
 * Mean and t-interval of independent values (rounds of a run, or launches), never of pooled requests.
 * Formula: mean +- t(1 - (1 - confidence) / 2, n - 1) * s / sqrt(n); Student 1908.
 * @returns undefined below two values or when one of them is not finite: there is no interval then
 */
export function tInterval(values: readonly number[], confidence = 0.95): Estimate | undefined {
  if (values.length < 2 || !values.every(Number.isFinite)) return undefined;
  const centre = mean(values);
  const standardError = standardDeviation(values) / Math.sqrt(values.length);
  const half = tQuantile(1 - (1 - confidence) / 2, values.length - 1) * standardError;
  return { mean: centre, standardError, n: values.length, interval: [centre - half, centre + half] };
}

/** The quantile of Student's t distribution. */
export function tQuantile(probability: number, degreesOfFreedom: number): number {
  return jstat.studentt.inv(probability, degreesOfFreedom);
}

/** Two-sided p-value of a t statistic. */
export function tTestPValue(t: number, degreesOfFreedom: number): number {
  return 2 * (1 - jstat.studentt.cdf(Math.abs(t), degreesOfFreedom));
}

/** `interval` moved so that `value` is its centre: the half width comes from the rounds, the value from all samples. */
export function centredOn(value: number, estimate: Estimate | undefined): Interval | null {
  if (estimate === undefined) return null;
  const half = (estimate.interval[1] - estimate.interval[0]) / 2;
  return [value - half, value + half];
}
