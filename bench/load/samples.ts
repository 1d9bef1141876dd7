import type { Distribution } from '../stats/distribution.ts';
import { FailureTally } from './failure-tally.ts';

/** What can be measured of one request or one event; milliseconds all. */
export const QUANTITIES = [
  'latency',
  'uncorrected',
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

/** The measurements of one side in one round, or of all its rounds. */
export class Samples {
  readonly failures = new FailureTally();
  /** All that were sent, the ramp included. */
  sent = 0;
  succeeded = 0;
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
    this.sent += other.sent;
    this.succeeded += other.succeeded;
    this.unstamped += other.unstamped;
    this.events += other.events;
    this.apart += other.apart;
    this.together += other.together;
    this.stalled += other.stalled;
  }
}
