import type { Metric, Metrics } from '../load/result.ts';
import type { SoakDetails } from '../soak/soak-result.ts';
import { formatDuration } from '../stats/duration.ts';
import { formatRate } from '../stats/rate.ts';
import { formatNumber, formatSigned } from './format.ts';
import type { Table } from './table.ts';

/** `Soak: 30 min at 120 requests/s: leak: memory grows by 14.2 MiB an hour`. */
export function soakHeadline({ durationMs, rate, verdict }: SoakDetails): string {
  const verdicts = {
    leak: 'leak: the memory of the proxy grows, its slope is above 0 with its whole interval',
    none: 'no leak found: the interval of the slope of memory holds 0',
    shrinks: 'no leak: the memory of the proxy shrinks',
    unknown: 'nothing can be said of the memory of the proxy',
  } as const;
  return `Soak: ${formatDuration(durationMs)} at ${formatRate(rate)} requests a second: ${verdicts[verdict]}`;
}

export function soakTable({ requests, failures, cancelled, openFiles, rss, timed, first, last }: SoakDetails, metrics: Metrics): Table {
  const slope = (name: string): string[] => [withSign(metrics[name], 'MiB'), range(metrics[name])];
  const change = metrics['soak.latency_change_share'];
  const what = timed === 'chat' ? 'non-stream' : 'streams';
  const rows = [
    ['memory of the proxy, an hour', ...slope('rss.proxy_mib_per_hour')],
    ['memory of the proxy, a thousand requests', ...slope('rss.proxy_mib_per_thousand')],
    [
      'memory at start, peak, end',
      rss === null ? 'n/a' : `${formatNumber(rss.startMib)}, ${formatNumber(rss.peakMib)}, ${formatNumber(rss.endMib)} MiB`,
      '',
    ],
    [`p50 of ${what}, first tenth and last`, `${formatNumber(first.p50_ms)}, ${formatNumber(last.p50_ms)} ms`, ''],
    [`p99 of ${what}, first tenth and last`, `${formatNumber(first.p99_ms)}, ${formatNumber(last.p99_ms)} ms`, ''],
    [
      `change of p50 of ${what}`,
      change === undefined ? 'n/a' : `${formatSigned(change.value * 100)} %`,
      change?.interval == null ? 'n/a' : `${change.interval.map((end) => formatSigned(end * 100)).join('..')} %`,
    ],
    [
      'open files of the proxy: start, most, end',
      openFiles === null ? 'n/a' : `${openFiles.start}, ${openFiles.most}, ${openFiles.end}`,
      '',
    ],
    ['requests, failed, hung up on', `${formatNumber(requests)}, ${failures}, ${cancelled}`, ''],
  ];
  return { head: ['soak', 'value', '95 %'], rows };
}

function withSign(metric: Metric | undefined, unit: string): string {
  return metric === undefined ? 'n/a' : `${formatSigned(metric.value)} ${unit}`;
}

function range(metric: Metric | undefined): string {
  return metric?.interval == null ? 'n/a' : metric.interval.map((end) => formatSigned(end)).join('..');
}
