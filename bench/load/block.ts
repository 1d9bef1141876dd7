import type { Clock } from '../../fixtures/clock.ts';
import type { Exchange } from '../client/exchange.ts';
import type { Traffic } from '../client/traffic.ts';
import { threadAlarm } from './alarm.ts';
import { ClosedFlow } from './closed-flow.ts';
import { driveOpen } from './open-driver.ts';
import { ProgressCounter } from './progress-counter.ts';
import { record, type Recording } from './record.ts';
import type { Samples } from './samples.ts';
import { type Arrivals, Schedule } from './schedule.ts';

/** A number of requests, so many in flight; the first ones may be left unmeasured. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly count: number;
  readonly concurrency: number;
  readonly unmeasured: number;
}

/** Requests at a rate; those due in the first `unmeasuredMs` are not measured. */
export interface OpenLoad extends Arrivals {
  readonly kind: 'open';
  readonly unmeasuredMs: number;
  readonly mostInFlight: number;
}
export type BlockLoad = ClosedLoad | OpenLoad;

/** Sends one request on a slot, which it has for itself meanwhile; says in words what it sends where other threads may do it. */
export interface SendOnSlot {
  (slot: number): Promise<Exchange>;
  readonly traffic?: Traffic;
}

/** One block of load and where its measurements go. */
export interface Block {
  readonly send: SendOnSlot;
  readonly load: BlockLoad;
  readonly recording: Recording;
  readonly samples: Samples;
  /** Counts what is not measured; `samples` by default. */
  readonly unmeasured?: Samples;
  readonly now: Clock;
  readonly signal: AbortSignal;
  /** Told now and then, by each thread of its own share, what happened since it was last told. */
  readonly onProgress?: (progress: BlockProgress) => void;
}

export interface BlockProgress {
  /** The measured ones. */
  readonly ended: number;
  readonly failed: number;
  /** Of the measured ones, those that were not good: failed, or beyond a limit. */
  readonly bad: number;
}

export interface BlockOutcome {
  /** The time that is measured: of a closed loop from the first measured sending on, when the queue is full. */
  readonly wallMs: number;
  /**
   * Successes of that time. In an open loop those that came within it, whenever they were sent; in a closed loop a request
   * counts by the share of its own time that falls into it, since one that was half done when it began is half its work.
   */
  readonly completed: number;
  /** The same of all that ended and used resources: failures too, and in an open loop what was sent before it was measured. */
  readonly ended: number;
  /** How many were due while it was measured; of a closed loop, how many were sent. */
  readonly due: number;
  /** Of those due, the ones that could not be sent before the end; none in a closed loop. */
  readonly notSent: number;
}

export type RunBlock = (block: Block) => Promise<BlockOutcome>;

/** Runs a block of load on this thread. */
export const runBlock: RunBlock = (block) => (block.load.kind === 'closed' ? runClosed(block, block.load) : runOpen(block, block.load));

async function runClosed(block: Block, { count, concurrency, unmeasured }: ClosedLoad): Promise<BlockOutcome> {
  const flow = new ClosedFlow(block, Math.min(concurrency, count));
  if (unmeasured > 0) await flow.fill(unmeasured, block.unmeasured ?? block.samples);
  return flow.measure(count - unmeasured, block.samples, true);
}

async function runOpen(block: Block, load: OpenLoad): Promise<BlockOutcome> {
  const { samples, unmeasured = samples } = block;
  const progress = new ProgressCounter(block.onProgress);
  const alarm = await threadAlarm();
  const fromMs = block.now() + load.unmeasuredMs;
  let untilMs = fromMs + load.durationMs - load.unmeasuredMs;
  const cutShort = (): void => void (untilMs = Math.max(fromMs, Math.min(untilMs, block.now())));
  let [completed, ended, due] = [0, 0, 0];
  const onDone = (exchange: Exchange, _index: number, dueMs: number): void => {
    const measured = dueMs >= fromMs;
    ended += 1;
    if (measured) due += 1;
    progress.count(record(block.recording, exchange, dueMs, measured ? samples : unmeasured, measured), measured);
    if (exchange.failure === null && exchange.doneMs >= fromMs && exchange.doneMs < untilMs) completed += 1;
  };
  const drive = { send: block.send, onDone, signal: block.signal, now: block.now };
  if (block.signal.aborted) cutShort();
  else block.signal.addEventListener('abort', cutShort, { once: true });
  const { notSent } = await driveOpen(drive, alarm, { ...load, schedule: new Schedule(load) });
  block.signal.removeEventListener('abort', cutShort);
  return { wallMs: untilMs - fromMs, completed, ended, due: due + notSent, notSent };
}
