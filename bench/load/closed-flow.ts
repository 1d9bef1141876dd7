import type { Clock } from '../../fixtures/clock.ts';
import type { Exchange } from '../client/exchange.ts';
import type { Block, BlockOutcome } from './block.ts';
import { ClosedLoop } from './driver.ts';
import { ProgressCounter } from './progress-counter.ts';
import { record, type Recording } from './record.ts';
import type { Samples } from './samples.ts';

/** Closed load in parts that are measured one by one, while all slots stay busy in between. */
export class ClosedFlow {
  readonly #recording: Recording;
  readonly #now: Clock;
  readonly #loop: ClosedLoop<Exchange>;
  readonly #progress: ProgressCounter;
  readonly #parts: Part[] = [];

  constructor({ send, recording, now, signal, onProgress }: Omit<Block, 'load' | 'samples' | 'unmeasured'>, concurrency: number) {
    this.#recording = recording;
    this.#now = now;
    this.#loop = new ClosedLoop({ send, signal, now }, concurrency);
    this.#progress = new ProgressCounter(onProgress);
  }

  /** Fills the queue: these requests count, but no times of theirs are kept. */
  async fill(count: number, samples: Samples): Promise<void> {
    await this.#send(count, samples, false);
  }

  /**
   * Measures `count` requests; the last part waits for all that is in flight.
   * @returns what is final once the last part is over: until then requests of this part are on their way
   */
  async measure(count: number, samples: Samples, last: boolean): Promise<BlockOutcome> {
    const outcome = { wallMs: Number.NaN, completed: 0, ended: 0, due: 0, notSent: 0 };
    const part: Part = { startedMs: this.#now(), endedMs: Number.POSITIVE_INFINITY, outcome };
    this.#parts.push(part);
    outcome.due = await this.#send(count, samples, true);
    if (last) await this.#loop.drain();
    part.endedMs = this.#now();
    outcome.wallMs = part.endedMs - part.startedMs;
    this.#progress.flush();
    return outcome;
  }

  /** Waits for all that is in flight, where there is to be no last part. */
  drain(): Promise<void> {
    return this.#loop.drain();
  }

  #send(count: number, samples: Samples, measured: boolean): Promise<number> {
    return this.#loop.send(count, (exchange, _index, sentMs) => {
      const outcome = record(this.#recording, exchange, sentMs, samples, measured);
      this.#credit(sentMs, outcome === 'good' || outcome === 'late');
      this.#progress.count(outcome, measured);
    });
  }

  /** Gives each part the share of a request's time that falls into it. */
  #credit(sentMs: number, succeeded: boolean): void {
    const endedMs = this.#now();
    for (let index = this.#parts.length - 1; index >= 0; index -= 1) {
      const part = this.#parts[index] as Part;
      if (part.endedMs <= sentMs) return;
      const within = Math.min(endedMs, part.endedMs) - Math.max(sentMs, part.startedMs);
      const share = endedMs > sentMs ? within / (endedMs - sentMs) : 1;
      part.outcome.ended += share;
      if (succeeded) part.outcome.completed += share;
    }
  }
}

interface Part {
  readonly startedMs: number;
  endedMs: number;
  readonly outcome: { -readonly [key in keyof BlockOutcome]: BlockOutcome[key] };
}
