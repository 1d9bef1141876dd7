import { ReplySyntaxError } from './reply-parser.ts';

/** Why a request did not succeed; `http_429` and its like carry the status. */
export type FailureKind =
  `http_${number}` | 'connect' | 'reset' | 'timeout' | 'malformed' | 'no_content' | 'no_done' | 'stream_error' | 'cancelled' | 'unknown';

/** A failed request: counted, never a latency. */
export interface Failure {
  readonly kind: FailureKind;
  /** HTTP status, 0 when no response came. */
  readonly status: number;
  /** The first 200 characters of what the server or the system said. */
  readonly message: string;
}

const MESSAGE_LENGTH = 200;
const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
]);
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ECONNABORTED']);
const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Thrown into a request that took longer than the time-out. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
  constructor(timeoutMs: number) {
    super(`no complete reply within ${timeoutMs / 1000} s`);
  }
}

/** Thrown into a request that its own client hung up on. */
export class RequestCancelledError extends Error {
  override readonly name = 'RequestCancelledError';
}

/** The server closed the connection, or it broke, before the reply was complete. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

export function failure(kind: FailureKind, status: number, message: string): Failure {
  return { kind, status, message: message.slice(0, MESSAGE_LENGTH) };
}

/** The failure that an error of a client or of the system stands for. */
export function failureFrom(error: Error, status: number): Failure {
  return failure(kindOf(error), status, error.message || error.name);
}

function kindOf(error: Error): FailureKind {
  if (error instanceof RequestTimeoutError) return 'timeout';
  if (error instanceof RequestCancelledError) return 'cancelled';
  if (error instanceof ConnectionLostError) return 'reset';
  if (error instanceof ReplySyntaxError) return 'malformed';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (CONNECT_CODES.has(code) || /CERT|^ERR_(TLS|SSL)/.test(code)) return 'connect';
  if (RESET_CODES.has(code)) return 'reset';
  if (TIMEOUT_CODES.has(code)) return 'timeout';
  return code.startsWith('HPE_') ? 'malformed' : 'unknown';
}
