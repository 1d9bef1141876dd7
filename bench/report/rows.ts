import type { Metrics } from '../load/result.ts';
import { unitOf } from '../stats/metrics.ts';
import { formatMetric, formatPrecision, formatSigned, fixed } from './format.ts';
import { observedDifference, metricValue, type RunResult } from './result.ts';
import type { Table } from './table.ts';

/** The comparison that a reader looks at first: direct beside proxy, metric by metric. */
export function loadTable(result: RunResult): Table | undefined {
  const pairs = [
    { title: 'non-stream', proxy: 'proxy', direct: 'direct' },
    { title: 'TTFT', proxy: 'ttft', direct: 'direct_ttft' },
    { title: 'full stream', proxy: 'stream', direct: 'direct_stream' },
    { title: 'mix', proxy: 'mix', direct: 'direct_mix' },
  ].filter(({ proxy }) => `${proxy}.requests` in result.metrics);
  if (pairs.length === 0) return undefined;
  const rows = pairs.flatMap(({ title, proxy, direct }) =>
    ['p50_ms', 'p95_ms', 'p99_ms', 'rps'].map((stat) =>
      pairRow(result, `${title} ${LABELS[stat]}`, `${proxy}.${stat}`, `${direct}.${stat}`),
    ),
  );
  return { head: ['under load', 'direct', 'proxy', '95 %', 'difference', 'failures'], rows };
}

const LABELS: Readonly<Record<string, string>> = { p50_ms: 'p50', p95_ms: 'p95', p99_ms: 'p99', rps: 'requests/s' };

function pairRow({ metrics, sides }: RunResult, label: string, proxy: string, direct: string): string[] {
  const unit = unitOf(proxy);
  const group = proxy.split('.')[0];
  const failures = sides.find((side) => side.group === group)?.failures ?? [];
  return [
    label,
    formatMetric(metrics[direct], unit),
    formatMetric(metrics[proxy], unit),
    formatPrecision(metrics[proxy]),
    `${formatSigned(observedDifference(metrics, proxy, direct))} ${unit}`,
    failures.length === 0 ? '0' : failures.map(({ kind, count }) => `${count} ${kind}`).join(', '),
  ];
}

/** What the proxy adds to one request, by the stamps, and what the other ways of counting say. */
export function overheadTable({ metrics, unavailable }: RunResult): Table | undefined {
  if (!('unloaded.requests' in metrics)) return undefined;
  const reason = unavailable['overhead'];
  const rows = [
    ...(reason === undefined ? [] : [['overhead, in and out', 'n/a', '', '', reason]]),
    ...timeRows(metrics, [
      ['overhead', 'overhead'],
      ['  in: client to provider', 'inbound'],
      ['  out: provider to client', 'outbound'],
      ['net overhead (direct path taken off)', 'net_overhead'],
    ]),
    differenceRow(metrics, 'client-observed difference of percentiles', 'unloaded', 'direct_unloaded'),
    ...timeRows(metrics, [["LiteLLM's own header (part of it)", 'unloaded_header']]),
  ];
  return { head: ['one request at a time', 'p50', '95 %', 'p95', 'p99'], rows };
}

export function streamTable({ metrics }: RunResult): Table | undefined {
  const rows = timeRows(metrics, [
    ['overhead of the whole stream', 'stream_overhead'],
    ['first byte', 'first_byte'],
    ['first event', 'first_event'],
    ['first content', 'first_content'],
    ['first reasoning content', 'first_reasoning'],
    ['relay lag of an event', 'relay_lag'],
    ['time between events (ITL)', 'itl'],
    ['  as the mock sent them', 'provider_itl'],
    ['longest wait beyond the mock', 'stall'],
    ['last event to [DONE]', 'done_gap'],
  ]);
  const together = metrics['coalesced.share'];
  if (together !== undefined) rows.push(['events sent apart that arrived together', `${(together.value * 100).toFixed(1)} %`, '', '', '']);
  return rows.length === 0 ? undefined : { head: ['one stream at a time', 'p50', '95 %', 'p95', 'p99'], rows };
}

export function resourceTable({ metrics, unavailable }: RunResult): Table | undefined {
  const names: [string, string][] = [
    ['proxy CPU a request', 'cpu.proxy_ms_per_request'],
    ['proxy CPU a request, one at a time', 'unloaded_cpu.proxy_ms_per_request'],
    ['proxy CPU a stream', 'cpu.proxy_ms_per_stream'],
    ['proxy CPU an event', 'cpu.proxy_ms_per_event'],
    ['client CPU a request', 'cpu.client_ms_per_request'],
    ['mock CPU a request', 'cpu.provider_ms_per_request'],
    ['proxy memory at start', 'rss.proxy_start_mib'],
    ['proxy memory, peak', 'rss.proxy_peak_mib'],
    ['proxy memory after', 'rss.proxy_after_mib'],
    ['client memory, peak', 'rss.client_peak_mib'],
  ];
  const rows = names
    .filter(([, name]) => name in metrics)
    .map(([label, name]) => [label, formatMetric(metrics[name], unitOf(name)), formatPrecision(metrics[name])]);
  if (rows.length === 0 && unavailable['cpu'] === undefined) return undefined;
  const reason = unavailable['cpu'] === undefined ? [] : [['proxy CPU and memory', `n/a: ${unavailable['cpu']}`, '']];
  return { head: ['resources', 'value', '95 %'], rows: [...rows, ...reason] };
}

/** The original tool's Markdown row under its header line. */
export function markdownRow(result: RunResult): Table {
  const { metrics } = result;
  const value = (name: string): string => fixed(metricValue(metrics, name));
  return {
    head: [
      'label',
      'revision',
      'TTFT p50 ms',
      'TTFT p95 ms',
      'proxy rps',
      'overhead p50 ms',
      'overhead p95 ms',
      'header p50 ms',
      'full p50 ms',
      'full rps',
    ],
    rows: [
      [
        result.label,
        result.revision,
        value('ttft.p50_ms'),
        value('ttft.p95_ms'),
        value('proxy.rps'),
        fixed(observedDifference(metrics, 'proxy.p50_ms', 'direct.p50_ms')),
        fixed(observedDifference(metrics, 'proxy.p95_ms', 'direct.p95_ms')),
        value('header.p50_ms'),
        value('stream.p50_ms'),
        value('stream.rps'),
      ],
    ],
  };
}

function timeRows(metrics: Metrics, groups: readonly (readonly [label: string, group: string])[]): string[][] {
  return groups
    .filter(([, group]) => `${group}.p50_ms` in metrics)
    .map(([label, group]) => {
      const of = (stat: string): string => formatMetric(metrics[`${group}.${stat}`], 'ms');
      return [label, of('p50_ms'), formatPrecision(metrics[`${group}.p50_ms`]), of('p95_ms'), of('p99_ms')];
    });
}

function differenceRow(metrics: Metrics, label: string, proxy: string, direct: string): string[] {
  const of = (stat: string): string => `${formatSigned(observedDifference(metrics, `${proxy}.${stat}`, `${direct}.${stat}`))} ms`;
  return [label, of('p50_ms'), '', of('p95_ms'), of('p99_ms')];
}
