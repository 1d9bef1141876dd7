import { observedDifference, metricValue, type RunResult } from './result.ts';

/** The original tool's statistics of one metric. */
interface OriginalStats {
  readonly requests: number;
  readonly failures: number;
  readonly rps: number | null;
  readonly mean_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  readonly overhead_header_mean_ms: number | null;
  readonly overhead_header_p50_ms: number | null;
  readonly overhead_header_p95_ms: number | null;
}

/** The JSON of `--output-json`: the original tool's keys with their meaning, and everything else beside them. */
export function toJson(result: RunResult): string {
  const { metrics } = result;
  const original = {
    label: result.label,
    revision: result.revision,
    direct_non_streaming: originalStats(result, 'direct'),
    proxy_non_streaming: originalStats(result, 'proxy', 'header'),
    proxy_streaming_ttft: originalStats(result, 'ttft', 'ttft_header'),
    proxy_streaming_full: originalStats(result, 'stream', 'stream_header'),
    client_observed_overhead_p50_ms: observedDifference(metrics, 'proxy.p50_ms', 'direct.p50_ms'),
    client_observed_overhead_p95_ms: observedDifference(metrics, 'proxy.p95_ms', 'direct.p95_ms'),
    proxy_log_path: result.proxyLogPath,
  };
  const ours = {
    schema: result.schema,
    target: result.target,
    version: result.version,
    partial: result.partial,
    broken: result.broken,
    started_at: result.startedAt,
    run_folder: result.runFolder,
    environment: result.environment,
    settings: result.settings,
    metrics,
    sides: result.sides,
    warnings: result.warnings,
    unavailable: result.unavailable,
    passes: result.passes,
    details: result.details,
  };
  return `${JSON.stringify({ ...original, ...ours }, null, 2)}\n`;
}

function originalStats({ metrics }: RunResult, group: string, header?: string): OriginalStats | null {
  const requests = metricValue(metrics, `${group}.requests`);
  if (requests === null) return null;
  const stat = (name: string): number | null => metricValue(metrics, `${group}.${name}`);
  const ofHeader = (name: string): number | null => (header === undefined ? null : metricValue(metrics, `${header}.${name}`));
  return {
    requests,
    failures: stat('failures') ?? 0,
    rps: stat('rps'),
    mean_ms: stat('mean_ms'),
    p50_ms: stat('p50_ms'),
    p95_ms: stat('p95_ms'),
    p99_ms: stat('p99_ms'),
    overhead_header_mean_ms: ofHeader('mean_ms'),
    overhead_header_p50_ms: ofHeader('p50_ms'),
    overhead_header_p95_ms: ofHeader('p95_ms'),
  };
}
