import type { MetricChange } from './trial/comparison.ts';
import type { Metrics, Warning } from './load/result.ts';
import { type Budget, keeps } from './stats/budget.ts';

/** A benchmark's result with the metrics of all its sides. */
export interface Measured {
  readonly metrics?: Metrics;
  /** Against a baseline, where there is one. */
  readonly changes?: readonly MetricChange[] | undefined;
  readonly warnings?: readonly Warning[];
}

/** A change for a person: `overhead.p50_ms: +83.2 % (95 % interval +79.8 to +86.7 %), slower`. */
export function changeLine({ metric, change, interval, verdict, adjustedPValue }: MetricChange): string {
  const share = (value: number): string => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
  const range = interval === null ? 'no interval' : `95 % interval ${share(interval[0])} to ${share(interval[1])} %`;
  return `${metric}: ${share(change)} % (${range}), ${verdict}${adjustedPValue === null ? '' : `, p ${adjustedPValue.toFixed(4)} after Holm`}`;
}

/**
 * A line for every broken budget: metric, value, limit. A budget against the baseline is broken only where the whole interval of the
 * change lies beyond the limit; where it straddles the limit it is undecided, which `strict` does not forgive.
 * Failed requests break a budget of their own, unless one is set on them.
 */
export function checkBudgets({ metrics = {}, changes, warnings = [] }: Measured, budgets: readonly Budget[], strict = false): string[] {
  const broken = budgets.flatMap((budget) => {
    if (!budget.relative) return budget.metric in metrics ? absolute(metrics, budget) : [];
    if (changes === undefined || !(budget.metric in metrics)) return [];
    const change = changes.find(({ metric }) => metric === budget.metric);
    return change === undefined
      ? [`budget ${budget.text}: ${budget.metric} cannot be compared, it is not in the baseline or is 0`]
      : relative(change, budget, strict);
  });
  return [...broken, ...unallowedFailures(metrics, budgets), ...(strict ? warnings.map(({ message }) => `--strict: ${message}`) : [])];
}

/** How a budget against the baseline stands. */
export function relativeState({ change, interval }: MetricChange, { comparison, limit }: Budget): 'held' | 'broken' | 'undecided' {
  const [low, high] = interval ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const beyond = (value: number): boolean => !keeps(value, comparison, limit);
  if (interval !== null && beyond(low) && beyond(high) && beyond(change)) return 'broken';
  return beyond(low) || beyond(high) ? 'undecided' : 'held';
}

function absolute(metrics: Metrics, { metric, comparison, limit, text }: Budget): string[] {
  const value = metrics[metric]?.value ?? Number.NaN;
  return keeps(value, comparison, limit) ? [] : [`budget broken: ${metric} is ${format(value)}, the limit is ${text}`];
}

function relative(change: MetricChange, budget: Budget, strict: boolean): string[] {
  const state = relativeState(change, budget);
  if (state === 'held' || (state === 'undecided' && !strict)) return [];
  return [`budget ${state}: ${changeLine(change)}; the limit is ${budget.text}`];
}

function unallowedFailures(metrics: Metrics, budgets: readonly Budget[]): string[] {
  return Object.entries(metrics).flatMap(([name, { value, n }]) => {
    const [group, stat] = name.split('.');
    const allowed = budgets.some(({ metric }) => metric === name || metric === `${group}.failure_share`);
    if (stat !== 'failures' || value === 0 || allowed) return [];
    return [`${value} of ${n} requests failed (${name} is ${value}, the limit is 0; a budget such as "${name}<=${value}" allows them)`];
  });
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
