import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { monotonicMs } from '../../fixtures/clock.ts';
import { StampScanner } from '../../fixtures/provider/stamps.ts';
import { failure, failureFrom, type Failure } from './failure.ts';

const OVERHEAD_HEADER = 'x-litellm-overhead-duration-ms';
const VERSION_HEADER = 'x-litellm-version';
const ERROR_BODY_BYTES = 4096;

/**
 * One request and its reply, as undici's handler. A slot reuses its exchange for every request, so nothing is allocated on
 * the hot path; read it before the slot sends again. Times are milliseconds of the monotonic clock, NaN where it did not happen.
 */
export abstract class Exchange implements Dispatcher.DispatchHandler {
  sentMs = Number.NaN;
  firstByteMs = Number.NaN;
  /** When the reply was complete: its last byte, or `[DONE]` of a stream. */
  doneMs = Number.NaN;
  status = 0;
  /** LiteLLM's own `x-litellm-overhead-duration-ms`. */
  headerMs = Number.NaN;
  version: string | undefined;
  failure: Failure | null = null;
  /** The mock's stamps: when it received the request, sent the first stamped content and the last. */
  receivedMs = Number.NaN;
  firstSentMs = Number.NaN;
  lastSentMs = Number.NaN;
  /** When the client got the first stamped content. */
  firstStampMs = Number.NaN;
  inFlight = false;
  protected readonly scanner = new StampScanner();
  #controller: Dispatcher.DispatchController | undefined;
  #settle: (() => void) | undefined;
  #errorBody: Buffer[] = [];

  /** Starts the request; the promise always resolves, with this exchange, whose fields have the outcome. */
  send(client: Pick<Dispatcher, 'dispatch'>, options: Dispatcher.DispatchOptions): Promise<this> {
    this.reset();
    this.inFlight = true;
    return new Promise((resolve) => {
      this.#settle = () => resolve(this);
      this.sentMs = monotonicMs();
      client.dispatch(options, this);
    });
  }

  /** Whether it is on its way, and no longer waiting for a connection. */
  get started(): boolean {
    return this.#controller !== undefined;
  }

  abort(reason: Error): void {
    if (this.#controller === undefined) this.onResponseError(undefined, reason);
    else this.#controller.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.firstByteMs = monotonicMs();
    this.status = status;
    const header = headers[OVERHEAD_HEADER];
    if (header !== undefined) this.headerMs = Number(header);
    this.version ??= headers[VERSION_HEADER] as string | undefined;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.status === 200) this.onBody(chunk);
    else if (this.#errorBody.length < ERROR_BODY_BYTES / 64) this.#errorBody.push(chunk);
  }

  onResponseEnd(): void {
    if (this.status === 200) this.onComplete();
    else this.failure = failure(`http_${this.status}`, this.status, Buffer.concat(this.#errorBody).toString());
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!this.inFlight) return;
    this.onCut(error);
    this.#finish();
  }

  protected abstract onBody(chunk: Buffer): void;
  protected abstract onComplete(): void;

  /** The reply broke off. */
  protected onCut(error: Error): void {
    this.failure = failureFrom(error, this.status);
  }

  protected readonly onStamp = (receivedMs: number, sentMs: number): void => {
    if (Number.isNaN(this.receivedMs)) {
      this.receivedMs = receivedMs;
      this.firstSentMs = sentMs;
    }
    this.lastSentMs = sentMs;
    this.onStamped(sentMs);
  };

  protected onStamped(_sentMs: number): void {}

  protected reset(): void {
    this.firstByteMs = this.doneMs = this.headerMs = Number.NaN;
    this.receivedMs = this.firstSentMs = this.lastSentMs = this.firstStampMs = Number.NaN;
    this.status = 0;
    this.failure = null;
    this.scanner.reset();
    this.#controller = undefined;
    if (this.#errorBody.length > 0) this.#errorBody = [];
  }

  #finish(): void {
    this.inFlight = false;
    this.#settle?.();
  }
}
