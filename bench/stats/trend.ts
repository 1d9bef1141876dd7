import { type Interval, tInterval } from './interval.ts';
import { mean } from './percentile.ts';

/** A reading of something that may grow. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  /** Value a millisecond. */
  readonly slope: number;
  /** 95 %; null where there are too few readings. */
  readonly interval: Interval | null;
  readonly blocks: number;
}

const BLOCKS = 20;
/** Increments between averages of a random walk are correlated by 1/4 (Working 1960), so their mean varies 1.5 times as much. */
const WIDENING = Math.sqrt(1.5);

/**
 * How fast readings grow, with an interval that allows for readings that depend on those before them.
 *
 * The time is cut into blocks, and the increments between the means of neighbouring blocks are averaged, with their
 * t-interval, widened for what averages of neighbouring blocks share (batch means on first differences). A line fitted
 * through all readings would call almost any memory curve a leak: neighbouring readings are nearly the same, and memory that
 * an allocator took once and kept looks like a slope. Here one jump is one large increment among small ones, and widens the
 * interval; only growth in most of the blocks takes it off 0. For noise around a steady line the interval is wider than need
 * be, so a slow leak needs a longer run, but there is no false one.
 */
export function trend(readings: readonly Reading[], blocks = BLOCKS): Trend {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || last.atMs === first.atMs) return { slope: Number.NaN, interval: null, blocks: 0 };
  const blockMs = (last.atMs - first.atMs) / blocks;
  const grouped = Map.groupBy(readings, ({ atMs }) => Math.min(Math.floor((atMs - first.atMs) / blockMs), blocks - 1));
  const groups = Array.from({ length: blocks }, (_, block) => grouped.get(block)).filter((group) => group !== undefined);
  const means = groups.map((group) => ({ atMs: mean(group.map(({ atMs }) => atMs)), value: mean(group.map(({ value }) => value)) }));
  const slopes = means.slice(1).map(({ atMs, value }, index) => (value - (means[index]?.value ?? 0)) / (atMs - (means[index]?.atMs ?? 0)));
  const estimate = tInterval(slopes);
  const half = estimate === undefined ? Number.NaN : ((estimate.interval[1] - estimate.interval[0]) / 2) * WIDENING;
  return { slope: mean(slopes), interval: Number.isNaN(half) ? null : [mean(slopes) - half, mean(slopes) + half], blocks: means.length };
}
