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
  const startedMs = drive.now();
  let sent = 0;
  const work = async (slot: number): Promise<void> => {
    while (sent < load.count && !drive.signal.aborted) {
      const index = sent;
      sent += 1;
      const dueMs = drive.now();
      drive.onDone(await drive.send(slot), index, dueMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(load.concurrency, load.count) }, (_, slot) => work(slot)));
  return { startedMs, endedMs: drive.now(), sent };
}
