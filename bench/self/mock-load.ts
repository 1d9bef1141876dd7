import { monotonicMs } from '../../fixtures/clock.ts';
import { DEFAULT_PROVIDER_OPTIONS, type ProviderOptions } from '../../fixtures/provider/options.ts';
import { startProvider } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from '../client/endpoint.ts';
import { type BlockLoad, type BlockOutcome, runBlock } from '../load/block.ts';
import { OBSERVERS } from '../load/observe.ts';
import { type Quantity, Samples } from '../load/samples.ts';
import { BoundedHistogram } from '../stats/distribution.ts';

/** What our client is to send, and how; plain data, since it may run in a process of its own. */
export interface ClientJob {
  readonly baseUrl: string;
  readonly kind: 'chat' | 'stream';
  readonly load: BlockLoad;
  /** Ends a closed loop of any number of requests. */
  readonly stopAfterMs?: number;
}

export interface ClientRun {
  readonly samples: Samples;
  readonly outcome: BlockOutcome;
  /** CPU time of this process a request, in microseconds. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

const QUANTITIES: readonly Quantity[] = ['latency', 'pacing_error', 'overhead', 'first_content', 'relay_lag'];

/** Runs a block of load on our client in this process. */
export async function runClient({ baseUrl, kind, load, stopAfterMs }: ClientJob): Promise<ClientRun> {
  await using endpoint = new Endpoint({ baseUrl, apiKey: 'none', model: 'perf-test-model', timeoutMs: 60_000 });
  const samples = new Samples(QUANTITIES, () => new BoundedHistogram());
  const before = process.cpuUsage();
  const recording = { observe: kind === 'chat' ? OBSERVERS.whole : OBSERVERS.stream };
  const outcome = await runBlock({
    send: endpoint[kind],
    load,
    recording,
    samples,
    now: monotonicMs,
    signal: stopAfterMs === undefined ? new AbortController().signal : AbortSignal.timeout(stopAfterMs),
  });
  const { user, system } = process.cpuUsage(before);
  return { samples, outcome, cpuUs: (user + system) / samples.sent, perSecond: (outcome.completed / outcome.wallMs) * 1000 };
}

/** The mock for as long as `use` takes. */
export async function withMock<T>(options: Partial<ProviderOptions>, use: (baseUrl: string) => Promise<T>): Promise<T> {
  await using provider = await startProvider({ ...DEFAULT_PROVIDER_OPTIONS, ...options });
  return await use(provider.baseUrl);
}
