import type { Clock } from '../../fixtures/clock.ts';

/** What a driver needs to know of the thing it drives: nothing but how to start one and when it is over. */
export interface Drive<T> {
  /** Starts one on a slot, which runs one at a time; never rejects. */
  readonly send: (slot: number) => Promise<T>;
  /**
   * Called as each ends, before its slot is used again.
   * @param index counts from 0 in the order of sending
   * @param dueMs when it should have been sent; in a closed loop, when it was
   */
  readonly onDone: (outcome: T, index: number, dueMs: number) => void;
  readonly signal: AbortSignal;
  readonly now: Clock;
}

/** From the first sending to the last end. */
export interface Span {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly sent: number;
}

/** Closed loop: `concurrency` slots, each sending the next as soon as its last is over, until `count` were sent. */
export async function driveClosed<T>(drive: Drive<T>, load: { count: number; concurrency: number }): Promise<Span> {
  const loop = new ClosedLoop(drive, Math.min(load.concurrency, load.count));
  const startedMs = drive.now();
  const sent = await loop.send(load.count, drive.onDone);
  await loop.drain();
  return { startedMs, endedMs: drive.now(), sent };
}

/** A closed loop in parts that follow each other with all slots busy in between. */
export class ClosedLoop<T> {
  readonly #drive: Omit<Drive<T>, 'onDone'>;
  readonly #slots: number;
  readonly #idle: number[];
  #onDone: Drive<T>['onDone'] = () => {};
  #left = 0;
  #sent = 0;
  #onIdle: (() => void) | undefined;

  constructor(drive: Omit<Drive<T>, 'onDone'>, concurrency: number) {
    this.#drive = drive;
    this.#slots = concurrency;
    this.#idle = Array.from({ length: concurrency }, (_, slot) => slot);
  }

  /**
   * Sends `count` more, and resolves when the last of them was sent and a slot has come free for the next part.
   * @returns how many were sent, fewer than `count` after an abort
   */
  async send(count: number, onDone: Drive<T>['onDone']): Promise<number> {
    this.#left = count;
    this.#sent = 0;
    this.#onDone = onDone;
    for (const slot of this.#idle.splice(0)) void this.#work(slot);
    await this.#until(() => this.#idle.length > 0);
    return this.#sent;
  }

  /** Waits for all that is in flight. */
  drain(): Promise<void> {
    return this.#until(() => this.#idle.length === this.#slots);
  }

  async #work(slot: number): Promise<void> {
    const { send, signal, now } = this.#drive;
    while (this.#left > 0 && !signal.aborted) {
      this.#left -= 1;
      const index = this.#sent;
      this.#sent += 1;
      // The part may be over by the time this one ends, which is its own all the same.
      const onDone = this.#onDone;
      const dueMs = now();
      onDone(await send(slot), index, dueMs);
    }
    this.#idle.push(slot);
    this.#onIdle?.();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && this.#slots > 0) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    this.#onIdle = undefined;
  }
}
