import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../../fixtures/clock.ts';
import type { AlarmMemory } from './alarm.ts';

/** The thread of a `ThreadAlarm`: says that it is there, then sleeps until the newest appointment and tells its owner; ends with the owner. */
const { counter, dueMs } = workerData as AlarmMemory;
let seen = 0;
parentPort?.postMessage('ready');
for (;;) {
  Atomics.wait(counter, 0, seen);
  seen = Atomics.load(counter, 0);
  const waitMs = (dueMs[0] ?? 0) - monotonicMs();
  // A newer appointment ends the wait for an older one.
  const outcome = waitMs > 0 ? Atomics.wait(counter, 0, seen, waitMs) : 'timed-out';
  if (outcome === 'timed-out') parentPort?.postMessage(null);
}
