import pc from 'picocolors';
import type { Comparison, ComparedSide, MetricChange, TrialResult } from '../trial/comparison.ts';
import { METRIC_GROUPS, unitOf, type GroupName } from '../stats/metrics.ts';
import type { Interval } from '../stats/interval.ts';
import { formatMetric } from './format.ts';
import type { Table } from './table.ts';

/** What a reader acts on, then what stands behind it. */
export interface ComparisonText {
  readonly headline: string;
  readonly table: Table;
}

/** Of each candidate against the baseline, a headline and a table a metric. */
export function comparisonTexts(trial: TrialResult): ComparisonText[] {
  return trial.comparisons.map((comparison) => ({ headline: headline(comparison, trial), table: comparisonTable(comparison, trial) }));
}

/** Verdicts in colour, for a terminal. */
export function colourVerdict(line: string): string {
  return line
    .replace(/\bslower\b/, pc.red('slower'))
    .replace(/\bfaster\b/, pc.green('faster'))
    .replace(/\bsame\b/, pc.green('same'));
}

function headline({ baseline, candidate, changes }: Comparison, trial: TrialResult): string {
  if (trial.launches === 0) return `${candidate} against ${baseline}: nothing could be measured`;
  const gating = changes.filter(({ gates }) => gates);
  const broken = gating.filter(({ broken: slower }) => slower);
  const faster = gating.filter(({ verdict }) => verdict === 'faster');
  const list = (metrics: readonly MetricChange[]): string => metrics.map(({ metric, change }) => `${metric} ${percent(change)}`).join(', ');
  const verdict =
    broken.length > 0
      ? `SLOWER: ${list(broken)}`
      : faster.length > 0
        ? `no slower; faster: ${list(faster)}`
        : gating.every(({ verdict: one }) => one === 'same')
          ? 'the same'
          : 'no slower as far as can be told';
  return `${candidate} against ${baseline}: ${verdict} (${trial.launches} launch pairs, margin ${percent(trial.margin).replace('+', '')})`;
}

function comparisonTable({ baseline, candidate, changes }: Comparison, trial: TrialResult): Table {
  const [before, after] = [sideOf(trial, baseline), sideOf(trial, candidate)];
  const ordered = changes.toSorted((one, other) => Number(other.gates) - Number(one.gates));
  const rows = ordered
    .filter(({ metric, gates }) => gates || ALSO_SHOWN.has(metric))
    .map((change) => [
      `${change.gates ? '*' : ' '} ${METRIC_GROUPS[change.metric.split('.')[0] as GroupName].title}, ${statOf(change.metric)}`,
      formatMetric(before?.metrics[change.metric], unitOf(change.metric)),
      formatMetric(after?.metrics[change.metric], unitOf(change.metric)),
      percent(change.change),
      intervalText(change.interval),
      verdictText(change),
    ]);
  return { head: ['* gates', baseline, candidate, 'change', '95 % interval', 'verdict'], rows };
}

const ALSO_SHOWN = new Set([
  'inbound.p50_ms',
  'outbound.p50_ms',
  'unloaded_header.p50_ms',
  'cpu.proxy_ms_per_request',
  'cpu.proxy_ms_per_stream',
  'ttft.p95_ms',
  'stream.p95_ms',
  'overhead.p95_ms',
  'proxy.p50_ms',
  'proxy.p95_ms',
]);

function verdictText({ verdict, pairsToDecide, gates, broken, pValue }: MetricChange): string {
  if (verdict === 'undecided') return pairsToDecide === null ? 'undecided' : `undecided (${pairsToDecide} launches would decide)`;
  if (verdict === 'slower' && gates && !broken) return `slower (p ${pValue.toFixed(3)}, not after Holm)`;
  return verdict;
}

function sideOf(trial: TrialResult, name: string): ComparedSide | undefined {
  return trial.sides.find((side) => side.name === name);
}

function statOf(metric: string): string {
  return (metric.split('.')[1] ?? '')
    .replace(/_ms$|_mib$/, '')
    .replaceAll('_', ' ')
    .replace(' ms ', ' ');
}

function intervalText(interval: Interval | null): string {
  return interval === null ? 'n/a' : `${percent(interval[0])} .. ${percent(interval[1])}`;
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}
