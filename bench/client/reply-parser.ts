/** By names in lower case. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/** What a parser tells of one reply after another. */
export interface ReplyEvents {
  onHead(status: number, headers: ReplyHeaders): void;
  /** @param chunk holds during this call, and until the end of the reply where `last` says that it comes at once */
  onBody(chunk: Buffer, last: boolean): void;
  /** @param reusable whether the server keeps the connection for another request */
  onEnd(reusable: boolean): void;
}

/** Bytes that are no HTTP/1.1 reply. */
export class ReplySyntaxError extends Error {
  override readonly name = 'ReplySyntaxError';
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const LONGEST_HEAD = 256 * 1024;
const LONGEST_SIZE_LINE = 4096;
const NOTHING = Buffer.alloc(0);

type Expecting = 'head' | 'body' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'close' | 'end';

/**
 * Reads HTTP/1.1 replies to requests other than HEAD and CONNECT, split anywhere, off one connection (RFC 9112, sections 2 to 7).
 */
export class ReplyParser {
  readonly #events: ReplyEvents;
  #expecting: Expecting = 'head';
  /** The beginning of a head, a line or a line end, whose rest has not come yet. */
  #held: Buffer = NOTHING;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #reusable = true;

  constructor(events: ReplyEvents) {
    this.#events = events;
  }

  /** Forgets a reply that broke off. */
  reset(): void {
    this.#expecting = 'head';
    this.#held = NOTHING;
  }

  /**
   * Takes in what has come, up to the end of a reply.
   * @returns how many bytes were left over behind it; 0 while it goes on
   * @throws ReplySyntaxError
   */
  feed(received: Buffer): number {
    const bytes = this.#held.length === 0 ? received : Buffer.concat([this.#held, received]);
    this.#held = NOTHING;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next === undefined) {
        this.#held = Buffer.from(bytes.subarray(at));
        return 0;
      }
      at = next;
      if (this.#expecting === 'end') {
        this.#expecting = 'head';
        this.#events.onEnd(this.#reusable);
        return bytes.length - at;
      }
    }
    return 0;
  }

  /** The server has closed the connection. Returns whether that completes the reply. */
  close(): boolean {
    if (this.#expecting !== 'close') return false;
    this.#expecting = 'head';
    this.#events.onEnd(false);
    return true;
  }

  /** Reads one thing at `at`; returns where the next begins, undefined when more has to come first. */
  #step(bytes: Buffer, at: number): number | undefined {
    switch (this.#expecting) {
      case 'head':
        return this.#head(bytes, at);
      case 'body':
      case 'chunk':
        return this.#body(bytes, at);
      case 'close':
        this.#events.onBody(bytes.subarray(at), false);
        return bytes.length;
      case 'size':
        return this.#size(bytes, at);
      case 'chunk end':
        return this.#chunkEnd(bytes, at);
      case 'trailers':
        return this.#trailer(bytes, at);
      case 'end':
        return at;
    }
  }

  #head(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf(HEAD_END, at);
    if (end < 0) {
      if (bytes.length - at > LONGEST_HEAD) throw new ReplySyntaxError(`the head of the reply is longer than ${LONGEST_HEAD} bytes`);
      return undefined;
    }
    const text = bytes.toString('latin1', at, end);
    const status = Number(text.slice(9, 12));
    if (!text.startsWith('HTTP/1.') || text[8] !== ' ' || !(status >= 100))
      throw new ReplySyntaxError(`not an HTTP/1.1 reply: ${JSON.stringify(text.slice(0, 60))}`);
    // 100 Continue and its like announce the real reply.
    if (status < 200 && status !== 101) return end + HEAD_END.length;
    const headers = parseHeaders(text);
    const connection = headers['connection'] ?? '';
    this.#reusable = text[7] === '1' ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
    this.#frame(status, headers);
    this.#events.onHead(status, headers);
    if (this.#expecting === 'body' && this.#left === 0) this.#expecting = 'end';
    return end + HEAD_END.length;
  }

  /** How the end of the body is known. */
  #frame(status: number, headers: ReplyHeaders): void {
    const { 'transfer-encoding': encoding, 'content-length': length } = headers;
    if (status === 204 || status === 304) this.#expect('body', 0);
    else if (encoding !== undefined) this.#expect(encoding.toLowerCase().endsWith('chunked') ? 'size' : 'close', 0);
    else if (length === undefined) this.#expect('close', 0);
    else if (/^\d+$/.test(length)) this.#expect('body', Number(length));
    else throw new ReplySyntaxError(`content-length ${JSON.stringify(length)} is no number`);
  }

  #body(bytes: Buffer, at: number): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    const whole = this.#expecting === 'body' && this.#left === 0;
    this.#events.onBody(bytes.subarray(at, end), whole);
    if (whole) this.#expecting = 'end';
    else if (this.#left === 0) this.#expecting = 'chunk end';
    return end;
  }

  #size(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf(LINE_END, at);
    if (end < 0) {
      if (bytes.length - at > LONGEST_SIZE_LINE) throw new ReplySyntaxError('the size of a chunk does not end');
      return undefined;
    }
    const [digits = ''] = bytes.toString('latin1', at, end).split(';', 1);
    if (!/^[\da-f]{1,12}[ \t]*$/i.test(digits)) throw new ReplySyntaxError(`chunk size ${JSON.stringify(digits)} is no number`);
    const size = Number.parseInt(digits, 16);
    this.#expect(size === 0 ? 'trailers' : 'chunk', size);
    return end + LINE_END.length;
  }

  #chunkEnd(bytes: Buffer, at: number): number | undefined {
    if (bytes.length - at < LINE_END.length) return undefined;
    if (bytes[at] !== LINE_END[0] || bytes[at + 1] !== LINE_END[1]) throw new ReplySyntaxError('a chunk is longer than its size says');
    this.#expecting = 'size';
    return at + LINE_END.length;
  }

  #trailer(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf(LINE_END, at);
    if (end < 0) return undefined;
    if (end === at) this.#expecting = 'end';
    return end + LINE_END.length;
  }

  #expect(expecting: Expecting, left: number): void {
    this.#expecting = expecting;
    this.#left = left;
  }
}

/** All lines behind the first, with names in lower case; a repeated header is joined by commas. */
function parseHeaders(head: string): ReplyHeaders {
  const headers: Record<string, string> = {};
  let start = head.indexOf('\r\n');
  while (start >= 0) {
    start += 2;
    const next = head.indexOf('\r\n', start);
    const end = next < 0 ? head.length : next;
    const colon = head.indexOf(':', start);
    if (colon <= start || colon > end)
      throw new ReplySyntaxError(`not a header: ${JSON.stringify(head.slice(start, Math.min(end, start + 60)))}`);
    const name = head.slice(start, colon).toLowerCase();
    const value = head.slice(colon + 1, end).trim();
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
    start = next;
  }
  return headers;
}
