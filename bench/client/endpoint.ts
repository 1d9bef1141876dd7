import type { Client, Dispatcher } from 'undici';
import { monotonicMs } from '../../fixtures/clock.ts';
import { gapPrompt } from '../../fixtures/provider/options.ts';
import { ChatExchange } from './chat-exchange.ts';
import { ConnectRamp } from './connect-ramp.ts';
import type { Exchange } from './exchange.ts';
import { RequestCancelledError, RequestTimeoutError } from './failure.ts';
import { PlainClient } from './plain-client.ts';
import { StreamExchange } from './stream-exchange.ts';
import { tlsClient } from './tls-client.ts';
import { chooser, type EndpointOptions, type Kinds, ONLY_CHAT, ONLY_STREAMS, type Traffic } from './traffic.ts';

/** Sends one request on a slot and resolves when it is over, failed or not. */
export interface Send<E extends Exchange = Exchange> {
  (slot?: number): Promise<E>;
  /** The same in words, for senders on other threads. */
  readonly traffic: Traffic;
}

/** undici's client, or ours, which is leaner where there is no TLS. */
type Connection = Pick<Client, 'dispatch'> & { destroy(reason: Error): Promise<void> };

interface Slot<E extends Exchange> {
  readonly client: Connection;
  readonly exchange: E;
}

const TIMEOUT_SWEEP_MS = 50;
/** A client that hangs up does so after so many content events. */
const HANG_UP_AFTER = 5;

/**
 * An OpenAI-compatible server under load: one connection a slot, opened when first used.
 * undici's `dispatch` carries the requests, since it costs half the CPU of `request` (no body stream in between); over plain
 * HTTP a connection of our own stands behind it.
 */
export class Endpoint implements AsyncDisposable {
  readonly baseUrl: string;
  /** A non-stream chat completion. */
  readonly chat: Send<ChatExchange>;
  /** A streamed chat completion, read to its end. */
  readonly stream: Send<StreamExchange>;
  readonly #options: EndpointOptions;
  readonly #chatSlots: Slot<ChatExchange>[] = [];
  readonly #streamSlots: Slot<StreamExchange>[] = [];
  readonly #chatRequest: Dispatcher.DispatchOptions;
  readonly #streamRequest: Dispatcher.DispatchOptions;
  readonly #ramp = new ConnectRamp();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: EndpointOptions) {
    this.baseUrl = options.baseUrl;
    this.#options = options;
    this.#chatRequest = chatRequest(options, false);
    this.#streamRequest = chatRequest(options, true);
    this.chat = Object.assign(this.#sendChat, { traffic: { endpoint: options, kinds: ONLY_CHAT } });
    this.stream = Object.assign(this.#sendStream, { traffic: { endpoint: options, kinds: ONLY_STREAMS } });
    this.#sweep = setInterval(() => this.#abortLate(), TIMEOUT_SWEEP_MS);
    this.#sweep.unref();
  }

  /** Chat completions of several kinds in random order. */
  mixed(kinds: Kinds): Send {
    if (kinds.stream === 0) return this.chat;
    if (kinds.chat === 0 && kinds.hangUps === 0) return this.stream;
    const choose = chooser(kinds);
    const send = (slot = 0): Promise<Exchange> => {
      const choice = choose();
      if (choice === 'chat') return this.#sendChat(slot);
      this.streamSlot(slot).exchange.hangUpAfter = choice === 'hang_up' ? HANG_UP_AFTER : 0;
      return this.#sendStream(slot);
    };
    return Object.assign(send, { traffic: { endpoint: this.#options, kinds } });
  }

  /** Streams that ask the mock for a time between events of their own; another provider takes it for a prompt like any other. */
  pacedStream(eventGapMs: number): Send<StreamExchange> {
    const request = chatRequest(this.#options, true, gapPrompt(eventGapMs));
    const send = (slot = 0): Promise<StreamExchange> => {
      const { client, exchange } = this.streamSlot(slot);
      return exchange.send(client, request);
    };
    return Object.assign(send, { traffic: this.stream.traffic });
  }

  streamSlot(slot: number): Slot<StreamExchange> {
    return (this.#streamSlots[slot] ??= { client: this.#connect(), exchange: new StreamExchange() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new RequestCancelledError('the run ended');
    await Promise.all(this.#slots().map(({ client }) => client.destroy(closed)));
  }

  readonly #sendChat = (slot = 0): Promise<ChatExchange> => {
    const { client, exchange } = (this.#chatSlots[slot] ??= { client: this.#connect(), exchange: new ChatExchange() });
    return exchange.send(client, this.#chatRequest);
  };

  readonly #sendStream = (slot = 0): Promise<StreamExchange> => {
    const { client, exchange } = this.streamSlot(slot);
    return exchange.send(client, this.#streamRequest);
  };

  #connect(): Connection {
    const url = new URL(this.baseUrl);
    return url.protocol === 'http:' ? new PlainClient(url, this.#ramp) : tlsClient(url, this.#ramp, this.#options.timeoutMs);
  }

  #abortLate(): void {
    abortLate(this.#chatSlots, this.#options.timeoutMs);
    abortLate(this.#streamSlots, this.#options.timeoutMs);
  }

  #slots(): Slot<Exchange>[] {
    return [...this.#chatSlots, ...this.#streamSlots].filter((slot) => slot !== undefined);
  }
}

function abortLate(slots: Slot<Exchange>[], timeoutMs: number): void {
  const latestStartMs = monotonicMs() - timeoutMs;
  for (const [index, slot] of slots.entries()) {
    if (slot?.exchange.inFlight !== true || slot.exchange.sentMs >= latestStartMs) continue;
    const reason = new RequestTimeoutError(timeoutMs);
    if (!slot.exchange.started) {
      // It still waits for its connection, where it cannot be called back: the slot begins anew without it.
      delete slots[index];
      void slot.client.destroy(reason);
    }
    slot.exchange.abort(reason);
  }
}

function chatRequest({ baseUrl, apiKey, model }: EndpointOptions, stream: boolean, prompt = 'hi'): Dispatcher.DispatchOptions {
  const base = new URL(baseUrl);
  const messages = [{ role: 'user', content: prompt }];
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/chat/completions`,
    method: 'POST',
    headers: ['content-type', 'application/json', 'authorization', `Bearer ${apiKey}`],
    body: Buffer.from(JSON.stringify({ model, messages, max_tokens: 1, ...(stream && { stream: true }) })),
  };
}
