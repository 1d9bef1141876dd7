import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../../fixtures/clock.ts';
import type { AlarmMemory } from './alarm.ts';

/** A sleep ends up to this late; the rest of a longer wait is spent looking at the clock, at most a tenth of a core. */
const WAKE_MS = 0.2;
const LONG_WAIT_MS = 2;
/** The message to the owner is on its way for about this long. */
const MESSAGE_MS = 0.05;

/** The thread of a `ThreadAlarm`: says that it is there, then sleeps until the newest appointment and tells its owner; ends with the owner. */
const { counter, dueMs } = workerData as AlarmMemory;
let seen = 0;
parentPort?.postMessage('ready');
for (;;) {
  Atomics.wait(counter, 0, seen);
  seen = Atomics.load(counter, 0);
  if (waitUntilDue()) parentPort?.postMessage(null);
}

/** Returns whether the appointment still stands: a newer one ends the wait for an older one. */
function waitUntilDue(): boolean {
  const due = dueMs[0] ?? 0;
  const waitMs = due - monotonicMs();
  const sleepMs = waitMs < LONG_WAIT_MS ? waitMs : waitMs - WAKE_MS;
  if (sleepMs > 0 && Atomics.wait(counter, 0, seen, sleepMs) !== 'timed-out') return false;
  while (monotonicMs() < due - MESSAGE_MS) {
    if (Atomics.load(counter, 0) !== seen) return false;
  }
  return true;
}
