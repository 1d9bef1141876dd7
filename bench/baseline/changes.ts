import type { Metric, Metrics } from '../load/result.ts';
import { higherIsBetter } from '../stats/metrics.ts';
import type { Verdict } from '../stats/verdict.ts';
import type { MetricChange } from '../trial/comparison.ts';
import type { Baseline } from './baseline.ts';

/**
 * The standard deviation of the ratio of two launches of one version side by side. A kept baseline is one launch and so is this run,
 * so this much is in their ratio whatever the rounds say; see docs/method.md.
 */
const LAUNCH_SPREAD = 0.03;
const Z_95 = 1.96;

/**
 * Changes of this run's metrics against a kept baseline. The interval joins both runs' intervals and the launch spread, on the log scale;
 * nothing gates here but the budgets that the user sets.
 */
export function changesAgainst(baseline: Baseline, metrics: Metrics, margin: number): MetricChange[] {
  return Object.entries(metrics).flatMap(([metric, now]) => {
    const before = baseline.metrics[metric];
    if (before === undefined || !(before.value > 0) || !(now.value > 0)) return [];
    return [toChange(metric, before, now, margin)];
  });
}

function toChange(metric: string, before: Metric, now: Metric, margin: number): MetricChange {
  const log = Math.log(now.value / before.value);
  const widths = [relativeHalfWidth(before), relativeHalfWidth(now)];
  const half = widths.includes(undefined) ? undefined : Math.hypot(...widths.map((width) => width ?? 0), Z_95 * LAUNCH_SPREAD);
  return {
    metric,
    change: Math.expm1(log),
    interval: half === undefined ? null : [Math.expm1(log - half), Math.expm1(log + half)],
    pValue: 1,
    verdict: verdictOf(log * (higherIsBetter(metric) ? -1 : 1), half, Math.log1p(margin)),
    pairs: 1,
    pairsToDecide: null,
    gates: false,
    adjustedPValue: null,
    broken: false,
  };
}

function relativeHalfWidth({ value, interval }: Metric): number | undefined {
  return interval === null ? undefined : (interval[1] - interval[0]) / 2 / value;
}

function verdictOf(worse: number, half: number | undefined, margin: number): Verdict {
  if (half === undefined) return 'undecided';
  if (worse - half > 0 && worse > margin) return 'slower';
  if (worse + half < 0 && worse < -margin) return 'faster';
  return worse - half > -margin && worse + half < margin ? 'same' : 'undecided';
}
