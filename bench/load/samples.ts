import { decodeDistribution, type Distribution, type EncodedDistribution } from '../stats/distribution.ts';
import { type FailureCount, FailureTally } from './failure-tally.ts';

/** What can be measured of one request or one event; milliseconds all. */
export const QUANTITIES = [
  'latency',
  'chat',
  'stream',
  'ttft',
  'uncorrected',
  'ttft_uncorrected',
  'pacing_error',
  'header',
  'overhead',
  'net_overhead',
  'inbound',
  'outbound',
  'first_byte',
  'first_event',
  'first_content',
  'first_reasoning',
  'done_gap',
  'relay_lag',
  'itl',
  'provider_itl',
  'stall',
] as const;
export type Quantity = (typeof QUANTITIES)[number];

const COUNTS = ['sent', 'succeeded', 'cancelled', 'good', 'unstamped', 'events', 'apart', 'together', 'stalled'] as const;

/** Samples on their way to another thread. */
export interface EncodedSamples {
  readonly counts: Readonly<Record<(typeof COUNTS)[number], number>>;
  readonly failures: readonly FailureCount[];
  readonly columns: readonly (readonly [Quantity, EncodedDistribution])[];
}

const STAMPED = new Set<Quantity>(['overhead', 'net_overhead', 'inbound', 'outbound', 'relay_lag', 'itl', 'provider_itl', 'stall']);

/** Whether a quantity rests on the mock's stamps. */
export function isStamped(quantity: Quantity): boolean {
  return STAMPED.has(quantity);
}

/** The measurements of one side in one round, or of all its rounds. */
export class Samples {
  readonly failures = new FailureTally();
  /** All that were sent, the ramp included. */
  sent = 0;
  succeeded = 0;
  /** Streams that their own client hung up on, as it was meant to: neither succeeded nor failed. */
  cancelled = 0;
  /** Succeeded within the limits that the block of load set, where it set any. */
  good = 0;
  /** Successful replies whose content carried no stamp of the mock. */
  unstamped = 0;
  events = 0;
  /** Pairs of events that the mock sent apart, and how many of them arrived together. */
  apart = 0;
  together = 0;
  /** Streams with a stall, see {@link Quantity} `stall`. */
  stalled = 0;
  readonly #columns: ReadonlyMap<Quantity, Distribution>;

  constructor(wanted: Iterable<Quantity>, create: () => Distribution) {
    this.#columns = new Map(Array.from(wanted, (quantity) => [quantity, create()]));
  }

  /** Keeps a value where the quantity is wanted and the value exists (is not NaN). */
  record(quantity: Quantity, value: number): void {
    if (!Number.isNaN(value)) this.#columns.get(quantity)?.record(value);
  }

  quantities(): Quantity[] {
    return [...this.#columns.keys()];
  }

  wants(quantity: Quantity): boolean {
    return this.#columns.has(quantity);
  }

  /** @throws TypeError for a quantity that is not wanted */
  of(quantity: Quantity): Distribution {
    const column = this.#columns.get(quantity);
    if (column === undefined) throw new TypeError(`${quantity} is not measured here`);
    return column;
  }

  merge(other: Samples): void {
    for (const [quantity, column] of other.#columns) this.#columns.get(quantity)?.merge(column);
    this.failures.merge(other.failures);
    for (const count of COUNTS) this[count] += other[count];
  }

  encode(): EncodedSamples {
    const columns = Array.from(this.#columns, ([quantity, column]) => [quantity, column.encode()] as const);
    const counts = Object.fromEntries(COUNTS.map((count) => [count, this[count]])) as EncodedSamples['counts'];
    return { counts, failures: this.failures.list(), columns };
  }

  /** Takes in what another thread measured, with the same kind of distributions. */
  mergeEncoded({ counts, failures, columns }: EncodedSamples): void {
    for (const [quantity, encoded] of columns) this.#columns.get(quantity)?.merge(decodeDistribution(encoded));
    for (const failure of failures) this.failures.addCount(failure);
    for (const count of COUNTS) this[count] += counts[count];
  }
}
