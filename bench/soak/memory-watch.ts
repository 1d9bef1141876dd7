import type { ProxyState } from '../../fixtures/control.ts';
import type { Clock } from '../../fixtures/clock.ts';
import type { Reading } from '../stats/trend.ts';

const MIB = 2 ** 20;
const SHORTEST_POLL_MS = 500;
const MOST_READINGS = 3000;

/** Reads the proxy's memory and open files for as long as it lives; their number is bounded however long that is. */
export class MemoryWatch implements Disposable {
  readonly rssMib: Reading[] = [];
  readonly openFiles: Reading[] = [];
  /** Why there are no readings of memory. */
  unavailable: string | undefined;
  readonly #read: () => Promise<ProxyState>;
  readonly #now: Clock;
  readonly #poll: NodeJS.Timeout;

  constructor(read: () => Promise<ProxyState>, now: Clock, durationMs: number) {
    this.#read = read;
    this.#now = now;
    this.#poll = setInterval(() => void this.look(), Math.max(SHORTEST_POLL_MS, durationMs / MOST_READINGS));
  }

  async look(): Promise<void> {
    const state = await this.#read().catch(() => undefined);
    if (state === undefined || state.exit !== undefined) return;
    const atMs = this.#now();
    if ('rssBytes' in state.usage) this.rssMib.push({ atMs, value: state.usage.rssBytes / MIB });
    else this.unavailable = state.usage.unavailable;
    if (state.openFiles !== undefined) this.openFiles.push({ atMs, value: state.openFiles });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
  }
}
