import { Client, type Dispatcher } from 'undici';
import { monotonicMs } from '../../fixtures/clock.ts';
import { ChatExchange } from './chat-exchange.ts';
import type { Exchange } from './exchange.ts';
import { RequestCancelledError, RequestTimeoutError } from './failure.ts';
import { StreamExchange } from './stream-exchange.ts';

/** Where requests go and how. */
export interface EndpointOptions {
  /** For example `http://127.0.0.1:4000`; `/v1/chat/completions` is added. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** For a whole request, reply included. */
  readonly timeoutMs: number;
}

/** Sends one request on a slot and resolves when it is over, failed or not. */
export type Send<E extends Exchange = Exchange> = (slot?: number) => Promise<E>;

interface Slot<E extends Exchange> {
  readonly client: Client;
  readonly exchange: E;
}

const TIMEOUT_SWEEP_MS = 50;

/**
 * An OpenAI-compatible server under load: one connection a slot, opened when first used.
 * undici's `dispatch` carries the requests, since it costs half the CPU of `request` (no body stream in between).
 */
export class Endpoint implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #options: EndpointOptions;
  readonly #chatSlots: Slot<ChatExchange>[] = [];
  readonly #streamSlots: Slot<StreamExchange>[] = [];
  readonly #chatRequest: Dispatcher.DispatchOptions;
  readonly #streamRequest: Dispatcher.DispatchOptions;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: EndpointOptions) {
    this.baseUrl = options.baseUrl;
    this.#options = options;
    this.#chatRequest = chatRequest(options, false);
    this.#streamRequest = chatRequest(options, true);
    this.#sweep = setInterval(() => this.#abortLate(), TIMEOUT_SWEEP_MS);
    this.#sweep.unref();
  }

  /** A non-stream chat completion. */
  readonly chat: Send<ChatExchange> = (slot = 0) => {
    const { client, exchange } = (this.#chatSlots[slot] ??= { client: this.#connect(), exchange: new ChatExchange() });
    return exchange.send(client, this.#chatRequest).then(() => exchange);
  };

  /** A streamed chat completion, read to its end. */
  readonly stream: Send<StreamExchange> = (slot = 0) => {
    const { client, exchange } = this.streamSlot(slot);
    return exchange.send(client, this.#streamRequest).then(() => exchange);
  };

  streamSlot(slot: number): Slot<StreamExchange> {
    return (this.#streamSlots[slot] ??= { client: this.#connect(), exchange: new StreamExchange() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new RequestCancelledError('the run ended');
    await Promise.all(this.#slots().map(({ client }) => client.destroy(closed)));
  }

  #connect(): Client {
    return new Client(new URL(this.baseUrl).origin, {
      pipelining: 1,
      connectTimeout: this.#options.timeoutMs,
      // The whole request has one time-out, swept below; undici's own would only add timers to every request.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 600_000,
      allowH2: false,
    });
  }

  #abortLate(): void {
    const latestStartMs = monotonicMs() - this.#options.timeoutMs;
    for (const { exchange } of this.#slots()) {
      if (exchange.inFlight && exchange.sentMs < latestStartMs) exchange.abort(new RequestTimeoutError(this.#options.timeoutMs));
    }
  }

  #slots(): Slot<Exchange>[] {
    return [...this.#chatSlots, ...this.#streamSlots].filter((slot) => slot !== undefined);
  }
}

function chatRequest({ baseUrl, apiKey, model }: EndpointOptions, stream: boolean): Dispatcher.DispatchOptions {
  const base = new URL(baseUrl);
  const messages = [{ role: 'user', content: 'hi' }];
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/chat/completions`,
    method: 'POST',
    headers: ['content-type', 'application/json', 'authorization', `Bearer ${apiKey}`],
    body: Buffer.from(JSON.stringify({ model, messages, max_tokens: 1, ...(stream && { stream: true }) })),
  };
}
