import { monotonicMs } from '../../fixtures/clock.ts';
import { Exchange } from './exchange.ts';
import { failure } from './failure.ts';

interface ChatCompletion {
  readonly choices?: readonly { readonly message?: { readonly content?: string | null }; readonly text?: string }[];
}

/** A non-stream chat completion. It succeeds with status 200 and content that is not empty. */
export class ChatExchange extends Exchange {
  #body: Buffer | undefined;
  #more: Buffer[] = [];

  protected override onBody(chunk: Buffer): void {
    if (this.#body === undefined) this.#body = chunk;
    else this.#more.push(chunk);
  }

  protected override onComplete(): void {
    const now = monotonicMs();
    const body = this.#text();
    let completion: ChatCompletion | null;
    try {
      completion = JSON.parse(body) as ChatCompletion | null;
    } catch (error) {
      this.failure = failure('malformed', this.status, `${(error as Error).message}: ${body}`);
      return;
    }
    const content = completion?.choices?.[0]?.message?.content || completion?.choices?.[0]?.text;
    if (!content) {
      this.failure = failure('no_content', this.status, `reply without content: ${body}`);
      return;
    }
    this.doneMs = now;
    this.scanner.feed(content, this.onStamp);
    if (!Number.isNaN(this.receivedMs)) this.firstStampMs = now;
  }

  protected override reset(): void {
    super.reset();
    this.#body = undefined;
    if (this.#more.length > 0) this.#more = [];
  }

  #text(): string {
    if (this.#body === undefined) return '';
    return (this.#more.length === 0 ? this.#body : Buffer.concat([this.#body, ...this.#more])).toString();
  }
}
