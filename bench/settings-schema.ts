import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { CONTENT_KINDS } from '../fixtures/provider/options.ts';
import { parseTarget, TARGET_SYNTAX } from '../fixtures/proxy/target.ts';
import { choice, list, number, onOff, parsed, text } from './settings-types.ts';
import { parseBudget } from './stats/budget.ts';
import { parseDuration } from './stats/duration.ts';
import { isMetric, metricNames } from './stats/metrics.ts';
import { parseMix, parseSlo } from './stats/slo.ts';

const whole = (min: number, max?: number): { min: number; max?: number; whole: true } => ({ min, ...(max !== undefined && { max }), whole: true });

/** Every setting there is: its flag, environment variable and YAML key come from its name, the rest stands here. */
export const settingsSchema = z.object({
  label: text({ group: 'Run', help: 'A name for this run, in every output' }).default('current'),
  repeats: number({ group: 'Run', help: 'Passes over all bench files against the same proxy; the median pass is reported' }, whole(1, 100)).default(1),
  rounds: number({ group: 'Run', help: 'Rounds that direct and proxy take in turns; intervals come from them' }, whole(1, 1000)).default(5),
  seed: number({ group: 'Run', help: 'Seed of every random order and schedule' }, whole(0)).default(1),
  strict: onOff({ group: 'Run', help: 'Warnings and undecided budgets fail the run' }).default(false),
  budgets: list({ group: 'Run', help: 'A limit such as proxy.p95_ms<=900 or, against a baseline, overhead.p50_ms<=+5%; repeatable', placeholder: 'LIMIT' }, parseBudget).default([]),

  target: list({ group: 'Proxy', help: `The proxy to measure: ${TARGET_SYNTAX}; two to five are compared, the first is the baseline`, placeholder: 'TARGET' }, parseTarget).default([parseTarget('pypi:1.106.0')]),
  litellmDir: text({ group: 'Proxy', help: 'Checkout of LiteLLM; given alone it is --target dir:PATH', placeholder: 'PATH' }).optional(),
  proxyCommand: text({ group: 'Proxy', help: 'What starts LiteLLM in a checkout', placeholder: 'COMMAND' }).default('uv run litellm'),
  startProxy: onOff({ group: 'Proxy', help: 'Measure the proxy that runs at --proxy-host and --proxy-port (4000 when not given) instead of starting one' }).default(true),
  proxyHost: text({ group: 'Proxy', help: 'Address the proxy listens on', placeholder: 'HOST' }).default('127.0.0.1'),
  proxyPort: number({ group: 'Proxy', help: 'Port of the proxy; 0 takes a free one' }, whole(0, 65535)).default(0),
  apiKey: text({ group: 'Proxy', help: 'Master key of the proxy; a random strong one when not given', placeholder: 'KEY' }).optional(),
  model: text({ group: 'Proxy', help: 'Model name that requests ask for', placeholder: 'NAME' }).default('perf-test-model'),
  litellmConfig: text({ group: 'Proxy', help: 'A LiteLLM config file, merged over the one that is written', placeholder: 'FILE' }).optional(),
  env: list({ group: 'Proxy', help: "Added to the proxy's environment; repeatable", placeholder: 'KEY=VALUE' }, parseAddition).default([]),
  numWorkers: number({ group: 'Proxy', help: 'Worker processes of the proxy' }, whole(1, 256)).default(1),
  proxyStartTimeout: number({ group: 'Proxy', help: 'Seconds until the proxy must answer a completion', placeholder: 'SECONDS' }, { min: 1, max: 3600 }).default(90),
  constraints: text({ group: 'Proxy', help: 'pip constraints file for the environments that are built', placeholder: 'FILE' }).optional(),
  cacheDir: text({ group: 'Proxy', help: 'Where built environments are kept; default the user cache folder', placeholder: 'PATH' }).optional(),
  cpuset: text({ group: 'Limits', help: 'Processors the proxy may run on, such as 0 or 0-3', placeholder: 'LIST' }).optional(),
  cpus: number({ group: 'Limits', help: 'Processors a container may use, such as 1.5' }, { min: 0.01, max: 1024 }).optional(),
  memory: text({ group: 'Limits', help: 'Memory a container may use, such as 512m or 2g', placeholder: 'SIZE' }).optional(),
  containerNetwork: choice({ group: 'Limits', help: 'Network of a container; default host on Linux, bridge elsewhere' }, ['host', 'bridge']).optional(),
  pull: choice({ group: 'Limits', help: 'When to pull the image of a container' }, ['missing', 'always', 'never']).default('missing'),

  providerHost: text({ group: 'Provider', help: 'Address the mock provider listens on', placeholder: 'HOST' }).default('127.0.0.1'),
  providerPort: number({ group: 'Provider', help: 'Port of the mock provider; 0 takes a free one' }, whole(0, 65535)).default(0),
  providerUrl: text({ group: 'Provider', help: 'A provider that runs already, instead of the mock', placeholder: 'URL' }).optional(),
  providerApiKey: text({ group: 'Provider', help: 'Key for --provider-url', placeholder: 'KEY' }).default('fake-provider-key'),
  providerFirstTokenDelayMs: number({ group: 'Provider', help: 'Wait of the mock before its first token' }, { min: 0, max: 3_600_000 }).default(0),
  providerEventGapMs: number({ group: 'Provider', help: 'Time between two content events of the mock; 0 sends all at once' }, { min: 0, max: 60_000 }).default(0),
  providerStreamContentChunks: number({ group: 'Provider', help: 'Content events of a stream' }, whole(1, 100_000)).default(20),
  providerContent: choice({ group: 'Provider', help: 'What content events carry' }, CONTENT_KINDS).default('text'),
  providerEventBytes: number({ group: 'Provider', help: 'Least size of the content of an event; 0 sends a stamp alone' }, whole(0, 1_000_000)).default(0),
  providerSystemFingerprint: onOff({ group: 'Provider', help: "Leave system_fingerprint out, which OpenAI's replies have" }).default(true),
  providerThreads: number({ group: 'Provider', help: 'Processes that serve the mock' }, whole(1, 64)).default(1),

  requests: number({ group: 'Load', help: 'Measured non-stream requests', placeholder: 'N' }, whole(1, 10_000_000)).default(500),
  concurrency: number({ group: 'Load', help: 'Non-stream requests in flight' }, whole(1, 10_000)).default(100),
  streamRequests: number({ group: 'Load', help: 'Measured streams' }, whole(1, 10_000_000)).default(200),
  streamConcurrency: number({ group: 'Load', help: 'Streams in flight' }, whole(1, 10_000)).default(20),
  warmup: number({ group: 'Load', help: 'Non-stream requests before the first round' }, whole(0, 1_000_000)).default(100),
  streamWarmup: number({ group: 'Load', help: 'Streams before the first round' }, whole(0, 1_000_000)).default(20),
  overheadRequests: number({ group: 'Load', help: 'Requests one at a time for the paired overhead, direct and proxy each; a tenth of it streams' }, whole(1, 1_000_000)).default(600),
  overheadRounds: number({ group: 'Load', help: 'Rounds of the paired overhead' }, whole(2, 1000)).default(20),
  timeout: number({ group: 'Load', help: 'Seconds that a whole request may take', placeholder: 'SECONDS' }, { min: 0.01, max: 86_400 }).default(30),
  measureFullStream: onOff({ group: 'Load', help: 'Leave the full-stream metric out' }).default(true),

  rate: number({ group: 'Open loop', help: 'Requests a second, arriving whether earlier ones are done or not; needs --duration. Where --slo begins to search, and what --soak keeps' }, { min: 0.001, max: 1_000_000 }).optional(),
  arrival: choice({ group: 'Open loop', help: 'How requests of --rate are spread' }, ['constant', 'poisson']).default('constant'),
  duration: parsed({ group: 'Open loop', help: 'How long --rate is kept, or each step of --slo, such as 30s', placeholder: 'TIME' }, parseDuration).optional(),
  mix: parsed({ group: 'Open loop', help: 'Kinds of requests of --rate, --slo and --soak, with their weights', placeholder: 'chat:8,stream:2' }, parseMix).optional(),
  clientThreads: number({ group: 'Open loop', help: 'Threads that send requests' }, whole(1, 64)).default(1),
  slo: parsed({ group: 'Open loop', help: 'Search the highest rate that keeps these limits', placeholder: 'LIMITS' }, parseSlo).optional(),
  soak: parsed({ group: 'Open loop', help: 'Watch memory and latency for this long, such as 30m', placeholder: 'TIME' }, parseDuration).optional(),

  launches: number({ group: 'Comparison', help: 'Launches of each side, started together; intervals come from them' }, whole(1, 100)).default(7),
  margin: number({ group: 'Comparison', help: 'A change up to this share is the same', placeholder: 'SHARE' }, { min: 0, max: 1 }).default(0.03),
  gate: list({ group: 'Comparison', help: 'A metric that decides whether the candidate is slower; repeatable', placeholder: 'METRIC' }, parseMetric).default(['overhead.p50_ms', 'unloaded_cpu.proxy_ms_per_request', 'ttft.p50_ms', 'stream.p50_ms', 'proxy.rps', 'rss.proxy_after_mib']),
  saveBaseline: text({ group: 'Comparison', help: 'Keep this result to compare later ones with', placeholder: 'FILE' }).optional(),
  baseline: text({ group: 'Comparison', help: 'Compare with a kept result', placeholder: 'FILE' }).optional(),
  allowMismatch: onOff({ group: 'Comparison', help: 'Compare with a baseline of another machine or other settings all the same' }).default(false),

  outputJson: text({ group: 'Output', help: 'Write the whole result', placeholder: 'FILE' }).optional(),
  outputMarkdown: text({ group: 'Output', help: 'Write the summary as Markdown', placeholder: 'FILE' }).optional(),
  export: list({ group: 'Output', help: 'Write FORMAT=FILE, FORMAT being bmf (Bencher) or gab (github-action-benchmark); repeatable', placeholder: 'FORMAT=FILE' }, parseExport).default([]),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingName = keyof Settings;

function parseAddition(value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(value)) throw new TypeError('expected KEY=VALUE');
  return value;
}

function parseMetric(value: string): string {
  if (!isMetric(value)) throw new TypeError(`there is no metric "${value}"; the nearest is "${closest(value, metricNames())}"`);
  return value;
}

function parseExport(value: string): { format: 'bmf' | 'gab'; file: string } {
  const match = /^(bmf|gab)=(.+)$/.exec(value);
  if (match?.[2] === undefined) throw new TypeError('expected bmf=FILE or gab=FILE');
  return { format: match[1] as 'bmf' | 'gab', file: match[2] };
}
