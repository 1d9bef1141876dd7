import type { Exchange } from '../client/exchange.ts';
import { StreamExchange } from '../client/stream-exchange.ts';
import { firstToken } from './observe.ts';
import type { Samples } from './samples.ts';

/** What makes a single request a good one: its times, in milliseconds, each within its limit. */
export type GoodLimits = Partial<Record<'latency' | 'chat' | 'stream' | 'ttft', number>>;

/** How the exchanges of a block are read. */
export interface Recording {
  // A bivariant method: an observer reads the exchange that the function beside it gives.
  observe(exchange: Exchange, dueMs: number, samples: Samples): void;
  readonly good?: GoodLimits;
}

/** `late` succeeded beyond a limit; `good` is also what there is no limit for. */
export type Outcome = 'good' | 'late' | 'failed' | 'cancelled';

/** Counts one finished exchange, and reads its times where it succeeded and `measured` says so. */
export function record(recording: Recording, exchange: Exchange, dueMs: number, samples: Samples, measured: boolean): Outcome {
  samples.sent += 1;
  if (exchange.failure?.kind === 'cancelled') {
    samples.cancelled += 1;
    return 'cancelled';
  }
  if (exchange.failure !== null) {
    samples.failures.add(exchange.failure);
    return 'failed';
  }
  samples.succeeded += 1;
  if (measured) recording.observe(exchange, dueMs, samples);
  if (recording.good !== undefined && !isGood(recording.good, exchange, dueMs)) return 'late';
  samples.good += 1;
  return 'good';
}

function isGood(good: GoodLimits, exchange: Exchange, dueMs: number): boolean {
  const within = (limitMs: number | undefined, ms: number): boolean => limitMs === undefined || ms <= limitMs;
  const wholeMs = exchange.doneMs - dueMs;
  if (!within(good.latency, wholeMs)) return false;
  if (!(exchange instanceof StreamExchange)) return within(good.chat, wholeMs);
  return within(good.stream, wholeMs) && within(good.ttft, firstToken(exchange) - dueMs);
}
