import { readFileSync } from 'node:fs';

/** For everything that is no connection: modules, logs, pipes. */
const RESERVED = 100;
const MOST_IN_FLIGHT = 10_000;

/** A block of load wants more connections than the system allows a process. */
export class OpenFilesError extends Error {
  override readonly name = 'OpenFilesError';
}

/** How many requests an open loop may have in flight: one connection each, so the limit on open files is one on them too. */
export function mostInFlight(): number {
  return Math.max(1, Math.min(MOST_IN_FLIGHT, openFileLimit() - RESERVED));
}

/**
 * @param connections that will be open at once
 * @throws OpenFilesError when that many cannot be
 */
export function requireOpenFiles(connections: number): void {
  const limit = openFileLimit();
  if (connections + RESERVED <= limit) return;
  throw new OpenFilesError(
    `${connections} requests in flight need as many connections, and this process may open ${limit} files: lower --concurrency, or raise the limit with "ulimit -n ${connections + RESERVED}"`,
  );
}

/** The soft limit, which Node raises to the hard one when it starts; infinite where the system does not tell. */
function openFileLimit(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return match?.[1] === undefined ? Number.POSITIVE_INFINITY : Number(match[1]);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
