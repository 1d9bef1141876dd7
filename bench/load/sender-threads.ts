import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Traffic } from '../client/traffic.ts';
import type { Block, BlockLoad, BlockOutcome, BlockProgress, RunBlock } from './block.ts';
import { OBSERVERS, type ObserverName } from './observe.ts';
import type { GoodLimits } from './record.ts';
import type { EncodedSamples, Quantity } from './samples.ts';

/** A thread's share of a block of load. */
export interface SenderJob {
  readonly traffic: Traffic;
  readonly load: BlockLoad;
  readonly observer: ObserverName;
  readonly good?: GoodLimits;
  readonly quantities: readonly Quantity[];
  /** Histograms of bounded size instead of every value. */
  readonly bounded: boolean;
}
export type ToSender = SenderJob | 'abort';
export type FromSender =
  | ({ readonly type: 'progress' } & BlockProgress)
  | { readonly type: 'done'; readonly outcome: BlockOutcome; readonly samples: EncodedSamples; readonly unmeasured: EncodedSamples };

/** Threads that share every block of load, each with its own connections; what they measured is merged. */
export class SenderThreads implements AsyncDisposable {
  readonly #threads: readonly Worker[];
  readonly #bounded: boolean;

  constructor(count: number, bounded: boolean) {
    const path = fileURLToPath(new URL('sender-thread.ts', import.meta.url));
    this.#threads = Array.from({ length: count }, () => new Worker(path, { execArgv: [] }));
    this.#bounded = bounded;
  }

  /** @throws TypeError when the block does not say what it sends */
  readonly runBlock: RunBlock = async (block) => {
    const abort = (): void => this.#threads.forEach((thread) => thread.postMessage('abort' satisfies ToSender));
    block.signal.addEventListener('abort', abort, { once: true });
    const shares = this.#threads.map((thread, index) => this.#share(thread, index, block));
    if (block.signal.aborted) abort();
    const outcomes = await Promise.all(shares);
    block.signal.removeEventListener('abort', abort);
    return together(outcomes);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  async #share(thread: Worker, index: number, block: Block): Promise<BlockOutcome> {
    const load = shareOf(block.load, index, this.#threads.length);
    if (load === undefined) return { wallMs: 0, completed: 0, ended: 0, due: 0, notSent: 0 };
    const job = jobOf(block, load, index, this.#bounded);
    return new Promise((resolve, reject) => {
      const onMessage = (message: FromSender): void => {
        if (message.type === 'progress') return block.onProgress?.(message);
        thread.off('message', onMessage).off('error', reject);
        block.samples.mergeEncoded(message.samples);
        (block.unmeasured ?? block.samples).mergeEncoded(message.unmeasured);
        resolve(message.outcome);
      };
      thread.on('message', onMessage).on('error', reject);
      thread.postMessage(job satisfies ToSender);
    });
  }
}

function jobOf({ send, recording, samples }: Block, load: BlockLoad, index: number, bounded: boolean): SenderJob {
  const observer = (Object.keys(OBSERVERS) as ObserverName[]).find((name) => OBSERVERS[name] === recording.observe);
  if (send.traffic === undefined || observer === undefined)
    throw new TypeError('this block of load cannot be handed to other threads: it does not say what it sends');
  const { endpoint, kinds } = send.traffic;
  const traffic = { endpoint, kinds: { ...kinds, seed: kinds.seed + index * 7919 } };
  return { traffic, load, observer, ...(recording.good && { good: recording.good }), quantities: samples.quantities(), bounded };
}

/** A thread's part of the requests in flight and of the count, or of the rate. */
function shareOf(load: BlockLoad, index: number, of: number): BlockLoad | undefined {
  const part = (whole: number): number => Math.floor(((index + 1) * whole) / of) - Math.floor((index * whole) / of);
  if (load.kind === 'open') return { ...load, share: { index, of }, mostInFlight: Math.max(1, part(load.mostInFlight)) };
  const count = part(load.count);
  return count === 0 ? undefined : { ...load, count, concurrency: Math.max(1, part(load.concurrency)), unmeasured: part(load.unmeasured) };
}

function together(outcomes: readonly BlockOutcome[]): BlockOutcome {
  const sum = (key: 'completed' | 'ended' | 'due' | 'notSent'): number => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return {
    wallMs: Math.max(...outcomes.map(({ wallMs }) => wallMs)),
    completed: sum('completed'),
    ended: sum('ended'),
    due: sum('due'),
    notSent: sum('notSent'),
  };
}
