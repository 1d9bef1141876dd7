import { Dispatcher } from 'undici';

/** How a scripted reply ends: well, by a lost connection, or not at all. */
type Ending = 'complete' | 'lost' | 'open';

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly ending?: Ending;
}

/** Takes the place of a connection: replies at once with these chunks, each as if it came in a packet of its own. */
export class ScriptedReply extends Dispatcher {
  readonly #chunks: readonly Uint8Array[];
  readonly #reply: Reply;

  constructor(chunks: readonly (string | Uint8Array)[], reply: Reply = {}) {
    super();
    this.#chunks = chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    this.#reply = reply;
  }

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = new ScriptedController(handler);
    const { status = 200, headers = {}, ending = 'complete' } = this.#reply;
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, status, headers);
    for (const chunk of this.#chunks) if (!controller.aborted) handler.onResponseData?.(controller, Buffer.from(chunk));
    if (controller.aborted || ending === 'open') return true;
    if (ending === 'complete') handler.onResponseEnd?.(controller, {});
    else handler.onResponseError?.(controller, Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }));
    return true;
  }
}

class ScriptedController implements Dispatcher.DispatchController {
  aborted = false;
  readonly paused = false;
  reason: Error | null = null;
  readonly #handler: Dispatcher.DispatchHandler;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  /** Like undici's, it tells the handler at once, even while that reads a chunk. */
  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {}
  resume(): void {}
}

export const NO_OPTIONS: Dispatcher.DispatchOptions = { path: '/', method: 'POST' };

/** Events as a server sends them. */
export function sse(...events: readonly (object | string)[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

/** An event with this delta. */
export function chunkOf(delta: object): object {
  return { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] };
}
