import { parentPort } from 'node:worker_threads';
import { monotonicMs } from '../../fixtures/clock.ts';
import { Endpoint } from '../client/endpoint.ts';
import { BoundedHistogram, Column } from '../stats/distribution.ts';
import { type BlockProgress, runBlock } from './block.ts';
import { OBSERVERS } from './observe.ts';
import { Samples } from './samples.ts';
import type { FromSender, SenderJob, ToSender } from './sender-threads.ts';

/** A thread that sends its share of each block of load, with connections of its own; see `SenderThreads`. */
const endpoints = new Map<string, Endpoint>();
let stop = new AbortController();

parentPort?.on('message', (message: ToSender) => {
  if (message === 'abort') stop.abort();
  else void run(message);
});

async function run(job: SenderJob): Promise<void> {
  stop = new AbortController();
  const create = (): Samples => new Samples(job.quantities, () => (job.bounded ? new BoundedHistogram() : new Column()));
  const [samples, unmeasured] = [create(), create()];
  const onProgress = (progress: BlockProgress): void => send({ type: 'progress', ...progress });
  const recording = { observe: OBSERVERS[job.observer], ...(job.good && { good: job.good }) };
  const traffic = endpointOf(job).mixed(job.traffic.kinds);
  const outcome = await runBlock({
    send: traffic,
    load: job.load,
    recording,
    samples,
    unmeasured,
    now: monotonicMs,
    signal: stop.signal,
    onProgress,
  });
  send({ type: 'done', outcome, samples: samples.encode(), unmeasured: unmeasured.encode() });
}

function endpointOf({ traffic }: SenderJob): Endpoint {
  const { baseUrl } = traffic.endpoint;
  const endpoint = endpoints.get(baseUrl) ?? new Endpoint(traffic.endpoint);
  endpoints.set(baseUrl, endpoint);
  return endpoint;
}

function send(message: FromSender): void {
  parentPort?.postMessage(message);
}
