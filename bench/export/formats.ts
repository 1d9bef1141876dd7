import type { Metric, Metrics } from '../load/result.ts';
import { higherIsBetter, unitOf } from '../stats/metrics.ts';
import type { TrialResult } from '../trial/comparison.ts';

/** What an export is made from. */
export interface Exported {
  readonly label: string;
  readonly target: string;
  readonly metrics: Metrics;
  readonly trial: TrialResult | undefined;
}

export type ExportFormat = 'bmf' | 'gab';

/** Results in a format of another tool, as text. */
export function exportAs(format: ExportFormat, run: Exported): string {
  const sides = run.trial === undefined ? [{ name: run.target, metrics: run.metrics }] : run.trial.sides;
  return `${JSON.stringify(format === 'bmf' ? bencher(sides) : githubActionBenchmark(sides), null, 2)}\n`;
}

interface Side {
  readonly name: string;
  readonly metrics: Metrics;
}

/** Bencher Metric Format: benchmark name, measure, value with bounds. https://bencher.dev/docs/reference/bencher-metric-format/ */
function bencher(sides: readonly Side[]): Record<string, Record<string, object>> {
  const measures = (metrics: Metrics): Record<string, object> =>
    Object.fromEntries(
      Object.entries(metrics).map(([name, { value, interval }]) => [
        name,
        { value, ...(interval !== null && { lower_value: interval[0], upper_value: interval[1] }) },
      ]),
    );
  return Object.fromEntries(sides.map(({ name, metrics }) => [name, measures(metrics)]));
}

/** github-action-benchmark's `customSmallerIsBetter`: what is better when higher has no place in it. */
function githubActionBenchmark(sides: readonly Side[]): object[] {
  return sides.flatMap(({ name, metrics }) =>
    Object.entries(metrics)
      .filter(([metric]) => !higherIsBetter(metric))
      .map(([metric, value]) => ({ name: `${name} ${metric}`, unit: unitOf(metric) || 'count', value: value.value, ...range(value) })),
  );
}

function range({ interval, n, rounds, launches }: Metric): object {
  const extra = `n ${n}, ${rounds} rounds, ${launches} launches`;
  return interval === null ? { extra } : { range: `± ${((interval[1] - interval[0]) / 2).toPrecision(3)}`, extra };
}
