import { type Interval, tQuantile } from './interval.ts';
import { mean, standardDeviation } from './percentile.ts';

/**
 * The change from one group of positive values to another as a share of the first (0.1 for a tenth more), of their geometric
 * means, with Welch's t-interval on the logarithms (Welch 1947): the groups may vary differently.
 * @returns a null interval below two values a group
 */
export function changeOfMeans(before: readonly number[], after: readonly number[]): { change: number; interval: Interval | null } {
  const [one, other] = [before.map(Math.log), after.map(Math.log)];
  const difference = mean(other) - mean(one);
  const change = Math.expm1(difference);
  if (one.length < 2 || other.length < 2 || !Number.isFinite(difference)) return { change, interval: null };
  const [varianceOfOne, varianceOfOther] = [standardDeviation(one) ** 2 / one.length, standardDeviation(other) ** 2 / other.length];
  const variance = varianceOfOne + varianceOfOther;
  if (variance === 0) return { change, interval: [change, change] };
  const degreesOfFreedom = variance ** 2 / (varianceOfOne ** 2 / (one.length - 1) + varianceOfOther ** 2 / (other.length - 1));
  const half = tQuantile(0.975, degreesOfFreedom) * Math.sqrt(variance);
  return { change, interval: [Math.expm1(difference - half), Math.expm1(difference + half)] };
}
