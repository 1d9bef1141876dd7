import type { Metrics } from '../load/result.ts';
import { formatMetric } from './format.ts';
import type { RunResult } from './result.ts';
import type { Table } from './table.ts';

/** What an open loop has to say beside its latencies: the part of them that was waiting to be sent, and how much of the rate was reached. */
export function openLoopTable({ metrics }: RunResult): Table | undefined {
  const rows = [
    ...rowsOf(metrics, 'non-stream', 'proxy', ''),
    ...rowsOf(metrics, 'TTFT', 'ttft', 'ttft_'),
    ...rowsOf(metrics, 'full stream', 'stream', 'stream_'),
    ...rowsOf(metrics, 'mix', 'mix', 'mix_'),
    ...['mix_chat', 'mix_stream', 'mix_ttft'].flatMap((group) =>
      `${group}.p50_ms` in metrics ? [[...times(metrics, KINDS[group] ?? group, group), '', '']] : [],
    ),
  ];
  return rows.length === 0 ? undefined : { head: ['open loop', 'p50', 'p95', 'p99', 'achieved', 'not sent'], rows };
}

const KINDS: Readonly<Record<string, string>> = {
  mix_chat: '  of it non-stream',
  mix_stream: '  of it full streams',
  mix_ttft: '  of it TTFT',
};

function rowsOf(metrics: Metrics, title: string, group: string, prefix: string): string[][] {
  if (!(`${group}.achieved_share` in metrics)) return [];
  const achieved = metrics[`${group}.achieved_share`]?.value ?? Number.NaN;
  return [
    [
      ...times(metrics, `${title}, from due`, group),
      `${(achieved * 100).toFixed(1)} %`,
      formatMetric(metrics[`${group}.not_sent`], '').replace(/\.00$/, ''),
    ],
    [...times(metrics, '  from sending (uncorrected)', `${prefix}uncorrected`), '', ''],
    [...times(metrics, '  sent late by (pacing error)', `${prefix}pacing_error`), '', ''],
  ];
}

function times(metrics: Metrics, title: string, group: string): string[] {
  return [title, ...['p50_ms', 'p95_ms', 'p99_ms'].map((stat) => formatMetric(metrics[`${group}.${stat}`], 'ms'))];
}
