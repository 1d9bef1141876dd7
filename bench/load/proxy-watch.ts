import { readProxyState } from '../../fixtures/control.ts';
import type { Exit } from '../../fixtures/process/supervised.ts';

const POLL_MS = 500;

/** The proxy ended while it was measured. */
export class ProxyEndedError extends Error {
  override readonly name = 'ProxyEndedError';
  constructor({ code, signal, reason }: Exit) {
    super(`the proxy has ended, ${reason ?? (signal === null ? `exit code ${code}` : `by ${signal}`)}`);
  }
}

/** Watches the proxy during a measurement: `signal` aborts when it ends, so that no load runs on against nothing. */
export class ProxyWatch implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #controlUrl: string;
  readonly #poll: NodeJS.Timeout;

  /** @param until aborts the signal too */
  constructor(controlUrl: string, until: AbortSignal) {
    this.signal = AbortSignal.any([this.#controller.signal, until]);
    this.#controlUrl = controlUrl;
    this.#poll = setInterval(() => void this.look(), POLL_MS);
  }

  /** @throws ProxyEndedError once the proxy has ended */
  check(): void {
    const { reason } = this.#controller.signal as { reason?: unknown };
    if (reason instanceof ProxyEndedError) throw reason;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
  }

  /** Looks now, without waiting for the next time it would. */
  async look(): Promise<void> {
    const exit = await readProxyState(this.#controlUrl).then(
      (state) => state.exit,
      () => undefined,
    );
    if (exit !== undefined && !this.#controller.signal.aborted) this.#controller.abort(new ProxyEndedError(exit));
  }
}
