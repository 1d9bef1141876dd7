import { StringDecoder } from 'node:string_decoder';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { monotonicMs } from '../../fixtures/clock.ts';
import { Exchange } from './exchange.ts';
import { failure, RequestCancelledError } from './failure.ts';

interface Delta {
  readonly content?: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
}
interface ChatChunk {
  readonly error?: { readonly message?: string };
  readonly choices?: readonly { readonly delta?: Delta; readonly text?: string }[];
}

/**
 * A streamed chat completion, read to its end. It succeeds with status 200, content that is not empty, and `[DONE]`.
 * Content is text, reasoning or tool-call arguments; the stamps in it give each event's time of sending.
 */
export class StreamExchange extends Exchange {
  firstEventMs = Number.NaN;
  firstContentMs = Number.NaN;
  firstReasoningMs = Number.NaN;
  lastEventMs = Number.NaN;
  events = 0;
  /** Arrival and sending of each stamped content, in order; the first `stamped` entries hold. */
  arrivedMs = new Float64Array(64);
  eventSentMs = new Float64Array(64);
  stamped = 0;
  /** Hang up after so many content events, as a client that closed its window; 0 reads to the end. */
  hangUpAfter = 0;
  #contents = 0;
  #now = Number.NaN;
  #done = false;
  #decoder = new StringDecoder('utf8');
  readonly #parser = createParser({ onEvent: (event) => this.#onEvent(event) });

  protected override onBody(chunk: Buffer): void {
    this.#now = monotonicMs();
    this.#parser.feed(this.#decoder.write(chunk));
  }

  protected override onComplete(): void {
    if (this.failure !== null) return;
    if (this.#done && this.#contents > 0) return;
    this.doneMs = Number.NaN;
    if (this.#done) this.failure = failure('no_content', this.status, 'stream ended without content');
    else if (this.#contents === 0) this.failure = failure('no_content', this.status, 'stream ended before a content token');
    else this.failure = failure('no_done', this.status, 'stream ended before [DONE]');
  }

  /** A connection lost after `[DONE]` lost nothing; one lost after a bad event failed for that event. */
  protected override onCut(error: Error): void {
    if (this.#done) this.onComplete();
    else if (this.failure === null) super.onCut(error);
  }

  protected override onStamped(sentMs: number): void {
    if (this.stamped === this.arrivedMs.length) this.#grow();
    this.arrivedMs[this.stamped] = this.#now;
    this.eventSentMs[this.stamped] = sentMs;
    if (this.stamped === 0) this.firstStampMs = this.#now;
    this.stamped += 1;
  }

  protected override reset(): void {
    super.reset();
    this.firstEventMs = this.firstContentMs = this.firstReasoningMs = this.lastEventMs = Number.NaN;
    this.events = this.stamped = this.#contents = 0;
    this.#done = false;
    this.#parser.reset();
    this.#decoder = new StringDecoder('utf8');
  }

  #onEvent({ data }: EventSourceMessage): void {
    if (this.#done || this.failure !== null) return;
    if (data === '[DONE]') {
      this.#done = true;
      this.doneMs = this.#now;
      return;
    }
    this.events += 1;
    if (this.events === 1) this.firstEventMs = this.#now;
    this.lastEventMs = this.#now;
    let chunk: ChatChunk | null;
    try {
      chunk = JSON.parse(data) as ChatChunk | null;
    } catch (error) {
      this.failure = failure('malformed', this.status, `${(error as Error).message}: ${data}`);
      return;
    }
    if (chunk?.error) this.failure = failure('stream_error', this.status, chunk.error.message ?? data);
    else this.#onChunk(chunk);
  }

  #onChunk(chunk: ChatChunk | null): void {
    const choice = chunk?.choices?.[0];
    const reasoning = choice?.delta?.reasoning_content;
    if (reasoning && Number.isNaN(this.firstReasoningMs)) this.firstReasoningMs = this.#now;
    const content = choice?.delta?.content || choice?.text || choice?.delta?.tool_calls?.[0]?.function?.arguments;
    if (content && Number.isNaN(this.firstContentMs)) this.firstContentMs = this.#now;
    const carried = content || reasoning;
    if (!carried) return;
    this.#contents += 1;
    this.scanner.feed(carried, this.onStamp);
    if (this.hangUpAfter > 0 && this.#contents >= this.hangUpAfter) this.abort(new RequestCancelledError('the client hung up'));
  }

  #grow(): void {
    const wider = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const copy = new Float64Array(column.length * 2);
      copy.set(column);
      return copy;
    };
    this.arrivedMs = wider(this.arrivedMs);
    this.eventSentMs = wider(this.eventSentMs);
  }
}
