import { uniform } from '../stats/random.ts';

/** When requests of an open loop are due. */
export interface Arrivals {
  /** A second, over all shares. */
  readonly rate: number;
  /** `constant`: evenly spaced. `poisson`: exponential gaps, as independent users make them. */
  readonly arrival: 'constant' | 'poisson';
  readonly durationMs: number;
  /** The same seed gives the same times. */
  readonly seed: number;
  /** This sender's part where several share the rate; all of it by default. */
  readonly share?: { readonly index: number; readonly of: number };
}

/** Due times one after the other, computed when they are asked for, so that a long run needs no memory for them. */
export class Schedule {
  /** The next due time in milliseconds from the start; Infinity when there are no more. */
  nextMs: number;
  readonly #arrivals: Arrivals;
  readonly #index: number;
  readonly #of: number;
  readonly #random: () => number;
  #taken = 0;

  constructor(arrivals: Arrivals) {
    const { index, of } = arrivals.share ?? { index: 0, of: 1 };
    this.#arrivals = arrivals;
    this.#index = index;
    this.#of = of;
    // Neighbouring seeds belong to the rounds of a run, so shares take theirs from far away.
    this.#random = uniform(arrivals.seed + index * 1_000_003);
    this.nextMs = this.#bounded(arrivals.arrival === 'constant' ? this.#evenly(0) : this.#gap());
  }

  advance(): void {
    this.#taken += 1;
    this.nextMs = this.#bounded(this.#arrivals.arrival === 'constant' ? this.#evenly(this.#taken) : this.nextMs + this.#gap());
  }

  /** Skips all that are due before `untilMs`. @returns how many */
  skip(untilMs: number): number {
    let skipped = 0;
    for (; this.nextMs < untilMs; skipped += 1) this.advance();
    return skipped;
  }

  #evenly(taken: number): number {
    return ((this.#index + taken * this.#of) / this.#arrivals.rate) * 1000;
  }

  /** Of an exponential distribution, by inversion; shares of a Poisson process are Poisson processes. */
  #gap(): number {
    return (-Math.log(1 - this.#random()) / this.#arrivals.rate) * this.#of * 1000;
  }

  #bounded(nextMs: number): number {
    return nextMs < this.#arrivals.durationMs ? nextMs : Number.POSITIVE_INFINITY;
  }
}
