import { build, type Histogram } from 'hdr-histogram-js';
import { mean, percentile } from './percentile.ts';

/** Where measured values of one quantity go; the two implementations trade exactness against bounded memory. */
export interface Distribution {
  readonly n: number;
  record(value: number): void;
  merge(other: Distribution): void;
  /** The p-th percentile (0 to 100); NaN when empty. */
  percentile(p: number): number;
  mean(): number;
  /** The values themselves, where they are kept. */
  values(): Float64Array | undefined;
}

/** Every value exactly, eight bytes each: for runs of a known number of requests. */
export class Column implements Distribution {
  #values = new Float64Array(64);
  #sorted: Float64Array | undefined;
  n = 0;

  record(value: number): void {
    if (this.n === this.#values.length) this.#grow(this.n * 2);
    this.#values[this.n] = value;
    this.n += 1;
    this.#sorted = undefined;
  }

  merge(other: Distribution): void {
    const added = other.values();
    if (added === undefined) throw new TypeError('a column takes in columns only, not histograms');
    if (this.n + added.length > this.#values.length) this.#grow(this.n + added.length);
    this.#values.set(added, this.n);
    this.n += added.length;
    this.#sorted = undefined;
  }

  percentile(p: number): number {
    this.#sorted ??= this.values().slice().sort();
    return percentile(this.#sorted, p);
  }

  mean(): number {
    return mean(this.values());
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.n);
  }

  #grow(length: number): void {
    const wider = new Float64Array(length);
    wider.set(this.values());
    this.#values = wider;
  }
}

const UNITS_PER_MS = 1_000_000;
const HIGHEST_TRACKABLE_MS = 3_600_000;

/**
 * An HdrHistogram with three significant digits (a value is off by at most 0.1 %), of fixed size however long the run.
 * Values are milliseconds; below zero they are kept as zero, since the histogram holds no negative ones.
 */
export class BoundedHistogram implements Distribution {
  readonly #histogram: Histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1000,
    highestTrackableValue: HIGHEST_TRACKABLE_MS * UNITS_PER_MS,
    numberOfSignificantValueDigits: 3,
  });

  get n(): number {
    return this.#histogram.totalCount;
  }

  record(value: number): void {
    const bounded = Math.min(Math.max(value, 0), HIGHEST_TRACKABLE_MS);
    this.#histogram.recordValue(Math.round(bounded * UNITS_PER_MS));
  }

  merge(other: Distribution): void {
    if (!(other instanceof BoundedHistogram)) throw new TypeError('a histogram takes in histograms only, not columns');
    this.#histogram.add(other.#histogram);
  }

  percentile(p: number): number {
    return this.n === 0 ? Number.NaN : this.#histogram.getValueAtPercentile(p) / UNITS_PER_MS;
  }

  mean(): number {
    return this.n === 0 ? Number.NaN : this.#histogram.mean / UNITS_PER_MS;
  }

  values(): undefined {
    return undefined;
  }
}
