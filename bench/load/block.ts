import type { Clock } from '../../fixtures/clock.ts';
import type { Exchange } from '../client/exchange.ts';
import type { Traffic } from '../client/traffic.ts';
import { threadAlarm } from './alarm.ts';
import { driveClosed } from './driver.ts';
import { driveOpen } from './open-driver.ts';
import { type Outcome, record, type Recording } from './record.ts';
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
  readonly ended: number;
  readonly failed: number;
  /** Of the measured ones, those that were not good: failed, or beyond a limit. */
  readonly bad: number;
}

export interface BlockOutcome {
  /** Of a closed loop from the first sending to the last end; of an open loop the time that is measured. */
  readonly wallMs: number;
  /** Successes of a closed loop; of an open loop those that came within `wallMs`, whenever they were sent. */
  readonly completed: number;
  /** How many were due while it was measured; of a closed loop, how many were sent. */
  readonly due: number;
  /** Of those due, the ones that could not be sent before the end; none in a closed loop. */
  readonly notSent: number;
}

export type RunBlock = (block: Block) => Promise<BlockOutcome>;

/** Runs a block of load on this thread. */
export const runBlock: RunBlock = (block) => (block.load.kind === 'closed' ? runClosed(block, block.load) : runOpen(block, block.load));

const PROGRESS_EVERY = 16;

/** Adds up what ends, and tells it every few requests. */
class ProgressCounter {
  readonly #tell: Block['onProgress'];
  #ended = 0;
  #failed = 0;
  #bad = 0;

  constructor(tell: Block['onProgress']) {
    this.#tell = tell;
  }

  count(outcome: Outcome, measured: boolean): void {
    this.#ended += 1;
    if (outcome === 'failed') this.#failed += 1;
    if (measured && (outcome === 'failed' || outcome === 'late')) this.#bad += 1;
    if (this.#ended < PROGRESS_EVERY) return;
    this.#tell?.({ ended: this.#ended, failed: this.#failed, bad: this.#bad });
    this.#ended = this.#failed = this.#bad = 0;
  }
}

async function runClosed(block: Block, load: ClosedLoad): Promise<BlockOutcome> {
  const { samples, unmeasured = samples } = block;
  const progress = new ProgressCounter(block.onProgress);
  const onDone = (exchange: Exchange, index: number, dueMs: number): void => {
    const measured = index >= load.unmeasured;
    progress.count(record(block.recording, exchange, dueMs, measured ? samples : unmeasured, measured), measured);
  };
  const before = samples.succeeded + (unmeasured === samples ? 0 : unmeasured.succeeded);
  const span = await driveClosed({ send: block.send, onDone, signal: block.signal, now: block.now }, load);
  const after = samples.succeeded + (unmeasured === samples ? 0 : unmeasured.succeeded);
  return { wallMs: span.endedMs - span.startedMs, completed: after - before, due: span.sent, notSent: 0 };
}

async function runOpen(block: Block, load: OpenLoad): Promise<BlockOutcome> {
  const { samples, unmeasured = samples } = block;
  const progress = new ProgressCounter(block.onProgress);
  const alarm = await threadAlarm();
  const fromMs = block.now() + load.unmeasuredMs;
  let untilMs = fromMs + load.durationMs - load.unmeasuredMs;
  const cutShort = (): void => void (untilMs = Math.max(fromMs, Math.min(untilMs, block.now())));
  let [completed, due] = [0, 0];
  const onDone = (exchange: Exchange, _index: number, dueMs: number): void => {
    const measured = dueMs >= fromMs;
    if (measured) due += 1;
    progress.count(record(block.recording, exchange, dueMs, measured ? samples : unmeasured, measured), measured);
    if (exchange.failure === null && exchange.doneMs >= fromMs && exchange.doneMs < untilMs) completed += 1;
  };
  const drive = { send: block.send, onDone, signal: block.signal, now: block.now };
  if (block.signal.aborted) cutShort();
  else block.signal.addEventListener('abort', cutShort, { once: true });
  const { notSent } = await driveOpen(drive, alarm, { ...load, schedule: new Schedule(load) });
  block.signal.removeEventListener('abort', cutShort);
  return { wallMs: untilMs - fromMs, completed, due: due + notSent, notSent };
}
