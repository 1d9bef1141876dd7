import type { Failure } from '../client/failure.ts';

/** How often one kind of failure happened, and what the first of them said. */
export interface FailureCount {
  readonly kind: string;
  readonly status: number;
  readonly count: number;
  readonly message: string;
}

/** Failures by kind. */
export class FailureTally {
  #counts = new Map<string, FailureCount>();
  total = 0;

  add({ kind, status, message }: Failure): void {
    this.addCount({ kind, status, message, count: 1 });
  }

  merge(other: FailureTally): void {
    for (const entry of other.#counts.values()) this.addCount(entry);
  }

  /** Most frequent first. */
  list(): FailureCount[] {
    return [...this.#counts.values()].sort((one, other) => other.count - one.count);
  }

  addCount(entry: FailureCount): void {
    const present = this.#counts.get(entry.kind);
    this.#counts.set(entry.kind, { ...(present ?? entry), count: (present?.count ?? 0) + entry.count });
    this.total += entry.count;
  }
}
