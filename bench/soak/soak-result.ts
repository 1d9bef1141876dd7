import type { Kinds } from '../client/traffic.ts';
import type { FailureCount } from '../load/failure-tally.ts';
import type { LoadResult, Metric, Metrics, Warning } from '../load/result.ts';
import { changeOfMeans } from '../stats/change.ts';
import type { Interval } from '../stats/interval.ts';
import { median } from '../stats/percentile.ts';
import { type Reading, trend } from '../stats/trend.ts';

/** Latencies of a part of the time, in milliseconds. */
export interface LatencySummary {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly requests: number;
  readonly failures: number;
}

/** What a soak saw. */
export interface SoakRecord {
  readonly durationMs: number;
  readonly rate: number;
  readonly kinds: Kinds;
  readonly segments: readonly LatencySummary[];
  readonly requests: number;
  readonly cancelled: number;
  readonly failures: readonly FailureCount[];
  readonly rssMib: readonly Reading[];
  readonly openFiles: readonly Reading[];
  readonly unavailable: string | undefined;
}

/** `details.soak` of a result. */
export interface SoakDetails {
  readonly durationMs: number;
  readonly rate: number;
  readonly mix: Pick<Kinds, 'chat' | 'stream' | 'hangUps'>;
  readonly verdict: 'leak' | 'none' | 'shrinks' | 'unknown';
  readonly requests: number;
  readonly failures: number;
  readonly cancelled: number;
  readonly rss: { readonly startMib: number; readonly peakMib: number; readonly endMib: number } | null;
  readonly openFiles: { readonly start: number; readonly most: number; readonly end: number } | null;
  /** The kind of requests whose latencies these are. */
  readonly timed: 'chat' | 'stream';
  readonly first: Pick<LatencySummary, 'p50_ms' | 'p99_ms'>;
  readonly last: Pick<LatencySummary, 'p50_ms' | 'p99_ms'>;
  readonly segments: readonly LatencySummary[];
  /** At most {@link SHOWN_READINGS}, evenly chosen: seconds from the start, and MiB. */
  readonly memory: readonly (readonly [seconds: number, mib: number])[];
}

declare module '../load/result.ts' {
  interface LoadDetails {
    soak?: SoakDetails;
  }
}

const HOUR_MS = 3_600_000;
const SHOWN_READINGS = 300;
/** Memory grows while caches fill, which is no leak; the first part of the time is not looked at. */
const SETTLING_SHARE = 0.1;
const SHORTEST_FOR_VERDICT_MS = 60_000;

/** Metrics, verdict and warnings of a soak. */
export function soakResult(record: SoakRecord): Omit<LoadResult, 'title' | 'pass'> {
  const settled = record.rssMib.slice(Math.floor(record.rssMib.length * SETTLING_SHARE));
  const memory = trend(settled);
  const failures = record.failures.reduce((sum, { count }) => sum + count, 0);
  const details = soakDetails(record, failures, memory.interval);
  return {
    metrics: soakMetrics(record, failures, memory, settled),
    sides: [{ name: 'proxy', group: 'soak', sent: record.requests, failures: record.failures }],
    warnings: warnings(record, failures),
    unavailable: record.unavailable === undefined ? {} : { rss: record.unavailable },
    details: { soak: details },
  };
}

function soakMetrics(record: SoakRecord, failures: number, memory: ReturnType<typeof trend>, settled: readonly Reading[]): Metrics {
  const metric = (value: number, interval: Interval | null, n: number): Metric => ({
    value,
    interval,
    n,
    rounds: memory.blocks,
    launches: 1,
  });
  const scaled = (factor: number): Metric =>
    metric(
      memory.slope * factor,
      memory.interval === null ? null : [memory.interval[0] * factor, memory.interval[1] * factor],
      settled.length,
    );
  const perMs = record.requests / record.durationMs;
  const { change, interval } = changeOfP50(record.segments);
  const files = record.openFiles.at(-1);
  return {
    ...(settled.length > 1 && { 'rss.proxy_mib_per_hour': scaled(HOUR_MS), 'rss.proxy_mib_per_thousand': scaled(1000 / perMs) }),
    ...(Number.isFinite(change) && { 'soak.latency_change_share': metric(change, interval, record.requests) }),
    ...(files !== undefined && { 'soak.open_files': metric(files.value, null, record.openFiles.length) }),
    'soak.requests': metric(record.requests, null, record.requests),
    'soak.failures': metric(failures, null, record.requests),
    'soak.cancelled': metric(record.cancelled, null, record.requests),
  };
}

/** One kind only: streams take many times as long as the rest, and the median of a mix jumps from the one to the other. */
export function timedOf({ chat }: Pick<Kinds, 'chat'>): 'chat' | 'stream' {
  return chat > 0 ? 'chat' : 'stream';
}

function soakDetails(record: SoakRecord, failures: number, slope: Interval | null): SoakDetails {
  const { rssMib, openFiles, segments } = record;
  const { chat, stream, hangUps } = record.kinds;
  const values = (readings: readonly Reading[]): number[] => readings.map(({ value }) => value);
  const every = Math.max(1, Math.ceil(rssMib.length / SHOWN_READINGS));
  return {
    durationMs: record.durationMs,
    rate: record.rate,
    mix: { chat, stream, hangUps },
    timed: timedOf(record.kinds),
    verdict:
      slope === null || record.durationMs < SHORTEST_FOR_VERDICT_MS ? 'unknown' : slope[0] > 0 ? 'leak' : slope[1] < 0 ? 'shrinks' : 'none',
    requests: record.requests,
    failures,
    cancelled: record.cancelled,
    rss:
      rssMib.length === 0
        ? null
        : { startMib: rssMib[0]?.value ?? 0, peakMib: Math.max(...values(rssMib)), endMib: rssMib.at(-1)?.value ?? 0 },
    openFiles:
      openFiles.length === 0
        ? null
        : { start: openFiles[0]?.value ?? 0, most: Math.max(...values(openFiles)), end: openFiles.at(-1)?.value ?? 0 },
    first: typical(tenth(segments, 'first')),
    last: typical(tenth(segments, 'last')),
    segments,
    memory: rssMib
      .filter((_, index) => index % every === 0)
      .map(({ atMs, value }) => [Math.round((atMs - (rssMib[0]?.atMs ?? 0)) / 1000), value]),
  };
}

function warnings({ durationMs, unavailable }: SoakRecord, failures: number): Warning[] {
  const list: Warning[] = [];
  if (failures > 0) list.push({ code: 'failures', message: `${failures} requests failed; the latencies are those of the others` });
  if (unavailable !== undefined) list.push({ code: 'no_memory', message: `the proxy's memory cannot be read: ${unavailable}` });
  else if (durationMs < SHORTEST_FOR_VERDICT_MS)
    list.push({ code: 'short_soak', message: 'too short to tell growth from settling: soak for 10m or more' });
  return list;
}

function changeOfP50(segments: readonly LatencySummary[]): { change: number; interval: Interval | null } {
  const p50s = (part: 'first' | 'last'): number[] => tenth(segments, part).map(({ p50_ms }) => p50_ms);
  return changeOfMeans(p50s('first'), p50s('last'));
}

function tenth(segments: readonly LatencySummary[], part: 'first' | 'last'): readonly LatencySummary[] {
  const count = Math.max(1, Math.round(segments.length / 10));
  return part === 'first' ? segments.slice(0, count) : segments.slice(-count);
}

function typical(segments: readonly LatencySummary[]): Pick<LatencySummary, 'p50_ms' | 'p99_ms'> {
  return { p50_ms: median(segments.map(({ p50_ms }) => p50_ms)), p99_ms: median(segments.map(({ p99_ms }) => p99_ms)) };
}
