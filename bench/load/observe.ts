import type { Exchange } from '../client/exchange.ts';
import { StreamExchange } from '../client/stream-exchange.ts';
import type { Samples } from './samples.ts';

/** Reads one finished exchange into samples. `dueMs` is where its latency starts. */
export type Observe<E extends Exchange = Exchange> = (exchange: E, dueMs: number, samples: Samples) => void;

/** Two events that the mock sent at least this far apart... */
const APART_MS = 1;
/** ...and that arrived within this time were coalesced on the way. */
const TOGETHER_MS = 0.1;
/** A wait between events is a stall when it exceeds what the mock made by this much. */
export const STALL_MS = 100;

/** A whole reply: latency to its last byte or `[DONE]`, and the overhead by the mock's stamps. */
export const observeWhole: Observe = (exchange, dueMs, samples) => {
  samples.record('latency', exchange.doneMs - dueMs);
  samples.record('uncorrected', exchange.doneMs - exchange.sentMs);
  observeShared(exchange, dueMs, samples);
};

/** A whole stream and everything within it. */
export const observeStream: Observe<StreamExchange> = (exchange, dueMs, samples) => {
  observeWhole(exchange, dueMs, samples);
  samples.record('ttft', firstToken(exchange) - dueMs);
  samples.record('ttft_uncorrected', firstToken(exchange) - exchange.sentMs);
  samples.record('first_byte', exchange.firstByteMs - exchange.sentMs);
  samples.record('first_event', exchange.firstEventMs - exchange.sentMs);
  samples.record('first_content', exchange.firstContentMs - exchange.sentMs);
  samples.record('first_reasoning', exchange.firstReasoningMs - exchange.sentMs);
  samples.record('done_gap', exchange.doneMs - exchange.lastEventMs);
  samples.events += exchange.stamped;
  observeEvents(exchange, samples);
};

/** A request of a mix: its whole latency, under the name of its kind too, and the time to first token of a stream. */
export const observeMixed: Observe = (exchange, dueMs, samples) => {
  observeWhole(exchange, dueMs, samples);
  if (exchange instanceof StreamExchange) {
    samples.record('stream', exchange.doneMs - dueMs);
    samples.record('ttft', firstToken(exchange) - dueMs);
  } else {
    samples.record('chat', exchange.doneMs - dueMs);
  }
};

/** All observers by the names that other threads know them by. */
export const OBSERVERS = { whole: observeWhole, stream: observeStream as Observe, mixed: observeMixed };
export type ObserverName = keyof typeof OBSERVERS;

function observeShared(exchange: Exchange, dueMs: number, samples: Samples): void {
  samples.record('pacing_error', exchange.sentMs - dueMs);
  samples.record('header', exchange.headerMs);
  if (Number.isNaN(exchange.receivedMs)) {
    samples.unstamped += 1;
    return;
  }
  const providerMs = exchange.lastSentMs - exchange.receivedMs;
  samples.record('overhead', exchange.doneMs - exchange.sentMs - providerMs);
  samples.record('inbound', exchange.receivedMs - exchange.sentMs);
  samples.record('outbound', exchange.firstStampMs - exchange.firstSentMs);
}

function observeEvents({ arrivedMs, eventSentMs, stamped }: StreamExchange, samples: Samples): void {
  if (stamped === 0) return;
  let longestStallMs = 0;
  for (let index = 0; index < stamped; index += 1) {
    const arrived = arrivedMs[index] ?? Number.NaN;
    const sent = eventSentMs[index] ?? Number.NaN;
    samples.record('relay_lag', arrived - sent);
    if (index === 0) continue;
    const gapMs = arrived - (arrivedMs[index - 1] ?? Number.NaN);
    const providerGapMs = sent - (eventSentMs[index - 1] ?? Number.NaN);
    samples.record('itl', gapMs);
    samples.record('provider_itl', providerGapMs);
    longestStallMs = Math.max(longestStallMs, gapMs - providerGapMs);
    if (providerGapMs < APART_MS) continue;
    samples.apart += 1;
    if (gapMs < TOGETHER_MS) samples.together += 1;
  }
  samples.record('stall', longestStallMs);
  if (longestStallMs > STALL_MS) samples.stalled += 1;
}

/** When the first content, or else the first reasoning content, arrived. */
export function firstToken(exchange: StreamExchange): number {
  return Number.isNaN(exchange.firstContentMs) ? exchange.firstReasoningMs : exchange.firstContentMs;
}
