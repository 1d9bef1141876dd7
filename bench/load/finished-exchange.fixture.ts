import { ChatExchange } from '../client/chat-exchange.ts';
import { failure, type FailureKind } from '../client/failure.ts';
import { StreamExchange } from '../client/stream-exchange.ts';

type Times = 'sentMs' | 'firstByteMs' | 'doneMs' | 'headerMs' | 'receivedMs' | 'firstSentMs' | 'lastSentMs' | 'firstStampMs';
type StreamTimes = Times | 'firstEventMs' | 'firstContentMs' | 'firstReasoningMs' | 'lastEventMs';

/** A completion that was read to its end, or that failed. */
export function chatOf(times: Partial<Record<Times, number>>, kind?: FailureKind): ChatExchange {
  return Object.assign(new ChatExchange(), times, { failure: kind === undefined ? null : failure(kind, 0, `${kind} it is`) });
}

/**
 * A stream that was read to its end.
 * @param events when each stamped event was sent by the mock, and when it arrived
 */
export function streamOf(
  times: Partial<Record<StreamTimes, number>>,
  events: readonly (readonly [sentMs: number, arrivedMs: number])[] = [],
): StreamExchange {
  return Object.assign(new StreamExchange(), times, {
    eventSentMs: Float64Array.from(events, ([sentMs]) => sentMs),
    arrivedMs: Float64Array.from(events, ([, arrivedMs]) => arrivedMs),
    stamped: events.length,
  });
}
