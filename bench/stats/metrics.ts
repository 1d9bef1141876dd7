/** A group of metrics that share what they measure; `proxy.p95_ms` is the stat `p95_ms` of the group `proxy`. */
export interface MetricGroup {
  readonly title: string;
  readonly stats: readonly string[];
}

const TIMES = ['p50_ms', 'p95_ms', 'p99_ms', 'mean_ms'];
const LOAD = [...TIMES, 'rps', 'requests', 'failures', 'failure_share', 'achieved_share', 'not_sent'];

/** Every metric there is: budgets, JSON, exports and docs use these names and no others. */
export const METRIC_GROUPS = {
  ceiling: { title: 'provider alone, as fast as it goes', stats: LOAD },
  direct: { title: 'direct, non-stream', stats: LOAD },
  proxy: { title: 'proxy, non-stream', stats: LOAD },
  direct_ttft: { title: 'direct, time to first token', stats: LOAD },
  ttft: { title: 'proxy, time to first token', stats: LOAD },
  direct_stream: { title: 'direct, full stream', stats: LOAD },
  stream: { title: 'proxy, full stream', stats: LOAD },
  header: { title: "LiteLLM's own overhead header", stats: TIMES },
  ttft_header: { title: "LiteLLM's own overhead header of a stream (TTFT)", stats: TIMES },
  stream_header: { title: "LiteLLM's own overhead header of a stream", stats: TIMES },
  unloaded: { title: 'proxy, one request at a time', stats: LOAD },
  direct_unloaded: { title: 'direct, one request at a time', stats: LOAD },
  overhead: { title: 'overhead, one request at a time', stats: TIMES },
  direct_overhead: { title: 'overhead of the direct path', stats: TIMES },
  net_overhead: { title: 'overhead above the direct path', stats: TIMES },
  inbound: { title: 'inbound: client to provider', stats: TIMES },
  outbound: { title: 'outbound: provider to client', stats: TIMES },
  unloaded_header: { title: "LiteLLM's header, one request at a time", stats: TIMES },
  loaded_overhead: { title: 'overhead under load, queueing included', stats: TIMES },
  loaded_inbound: { title: 'inbound under load', stats: TIMES },
  loaded_outbound: { title: 'outbound under load', stats: TIMES },
  loaded_stream_overhead: { title: 'overhead of a whole stream under load', stats: TIMES },
  loaded_relay_lag: { title: 'relay lag of an event under load', stats: TIMES },
  unloaded_stream: { title: 'proxy, one stream at a time', stats: LOAD },
  direct_unloaded_stream: { title: 'direct, one stream at a time', stats: LOAD },
  stream_overhead: { title: 'overhead of a whole stream', stats: TIMES },
  direct_stream_overhead: { title: 'overhead of a whole direct stream', stats: TIMES },
  stream_inbound: { title: 'inbound of a stream', stats: TIMES },
  first_byte: { title: 'first byte of a stream', stats: TIMES },
  first_event: { title: 'first event of a stream', stats: TIMES },
  first_content: { title: 'first content of a stream', stats: TIMES },
  first_reasoning: { title: 'first reasoning content of a stream', stats: TIMES },
  relay_lag: { title: 'relay lag of an event', stats: TIMES },
  direct_relay_lag: { title: 'relay lag of a direct event', stats: TIMES },
  itl: { title: 'time between content events (ITL)', stats: TIMES },
  direct_itl: { title: 'time between direct content events', stats: TIMES },
  provider_itl: { title: 'time between content events as the mock sent them', stats: TIMES },
  stall: { title: 'longest wait within a stream, beyond what the mock made', stats: [...TIMES, 'share'] },
  done_gap: { title: 'last event to [DONE]', stats: TIMES },
  coalesced: { title: 'events sent apart that arrived together', stats: ['share'] },
  mix: { title: 'proxy, mixed requests', stats: LOAD },
  direct_mix: { title: 'direct, mixed requests', stats: LOAD },
  mix_chat: { title: 'proxy, non-stream requests of a mix', stats: TIMES },
  mix_stream: { title: 'proxy, full streams of a mix', stats: TIMES },
  mix_ttft: { title: 'proxy, time to first token in a mix', stats: TIMES },
  uncorrected: { title: 'latency from sending, not from when it was due', stats: TIMES },
  ttft_uncorrected: { title: 'time to first token from sending', stats: TIMES },
  stream_uncorrected: { title: 'full stream from sending', stats: TIMES },
  mix_uncorrected: { title: 'mixed requests from sending', stats: TIMES },
  pacing_error: { title: 'how late requests were sent', stats: TIMES },
  ttft_pacing_error: { title: 'how late requests were sent (TTFT)', stats: TIMES },
  stream_pacing_error: { title: 'how late streams were begun', stats: TIMES },
  mix_pacing_error: { title: 'how late mixed requests were sent', stats: TIMES },
  cpu: {
    title: 'CPU time',
    stats: [
      'proxy_ms_per_request',
      'proxy_ms_per_stream',
      'proxy_ms_per_event',
      'client_ms_per_request',
      'client_ms_per_stream',
      'provider_ms_per_request',
      'provider_ms_per_stream',
    ],
  },
  unloaded_cpu: { title: 'CPU time, one request at a time', stats: ['proxy_ms_per_request', 'proxy_ms_per_stream'] },
  rss: {
    title: 'resident memory',
    stats: ['proxy_start_mib', 'proxy_peak_mib', 'proxy_after_mib', 'client_peak_mib', 'proxy_mib_per_hour', 'proxy_mib_per_thousand'],
  },
  capacity: { title: 'highest rate within the SLO', stats: ['rps', 'goodput_rps'] },
  soak: {
    title: 'soak: last tenth of the time against the first',
    stats: ['latency_change_share', 'open_files', 'failures', 'requests', 'cancelled'],
  },
} as const satisfies Record<string, MetricGroup>;

export type GroupName = keyof typeof METRIC_GROUPS;

const HIGHER_IS_BETTER = new Set(['rps', 'goodput_rps', 'requests', 'achieved_share']);

/** All names, `group.stat`. */
export function metricNames(): string[] {
  return Object.entries(METRIC_GROUPS).flatMap(([group, { stats }]) => stats.map((stat) => `${group}.${stat}`));
}

export function isMetric(name: string): boolean {
  const [group = '', stat = ''] = name.split('.');
  const known: MetricGroup | undefined = METRIC_GROUPS[group as GroupName];
  return known?.stats.includes(stat) === true;
}

export function higherIsBetter(name: string): boolean {
  return HIGHER_IS_BETTER.has(name.split('.')[1] ?? '');
}

/** The unit that a metric's name ends in, as printed behind a value. */
export function unitOf(name: string): string {
  const stat = name.split('.')[1] ?? '';
  if (stat.endsWith('_ms') || stat.includes('_ms_')) return 'ms';
  if (stat.includes('_mib')) return 'MiB';
  if (stat.endsWith('rps')) return '/s';
  return '';
}
