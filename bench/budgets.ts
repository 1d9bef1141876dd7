import type { Metrics } from './load/result.ts';
import { type Budget, keeps } from './stats/budget.ts';

/** A benchmark's result with the metrics of all its sides. */
export interface Measured {
  readonly metrics?: Metrics;
}

/** A line for every broken budget: metric, value, limit. Failed requests break a budget of their own, unless one is set on them. */
export function checkBudgets({ metrics = {} }: Measured, budgets: readonly Budget[]): string[] {
  const absolute = budgets.filter(({ relative, metric }) => !relative && metric in metrics);
  const broken = absolute.flatMap(({ metric, comparison, limit, text }) => {
    const value = metrics[metric]?.value ?? Number.NaN;
    return keeps(value, comparison, limit) ? [] : [`budget broken: ${metric} is ${format(value)}, the limit is ${text}`];
  });
  return [...broken, ...unallowedFailures(metrics, budgets)];
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
