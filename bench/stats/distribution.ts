import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
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
  /** As it can be handed to another thread, see {@link decodeDistribution}. */
  encode(): EncodedDistribution;
}

/** The values of a column, or a histogram in its standard text form. */
export type EncodedDistribution = Float64Array | string;

export function decodeDistribution(encoded: EncodedDistribution): Distribution {
  if (typeof encoded === 'string') return new BoundedHistogram(decodeFromCompressedBase64(encoded, 64));
  const column = new Column();
  for (const value of encoded) column.record(value);
  return column;
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

  encode(): Float64Array {
    return this.values().slice();
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
  readonly #histogram: Histogram;

  constructor(histogram: Histogram = empty()) {
    this.#histogram = histogram;
  }

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
    if (this.n === 0) return Number.NaN;
    // The histogram's own rule differs by one rank; this asks it for the rank that `percentile` of a column takes.
    const rank = Math.min(Math.floor((this.n * p) / 100), this.n - 1) + 1;
    return this.#histogram.getValueAtPercentile((100 * rank) / this.n) / UNITS_PER_MS;
  }

  mean(): number {
    return this.n === 0 ? Number.NaN : this.#histogram.mean / UNITS_PER_MS;
  }

  values(): undefined {
    return undefined;
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }
}

function empty(): Histogram {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_TRACKABLE_MS * UNITS_PER_MS,
    numberOfSignificantValueDigits: 3,
  });
}
