import type { Interval } from '../stats/interval.ts';
import type { FailureCount } from './failure-tally.ts';

/** One number with what it rests on. */
export interface Metric {
  readonly value: number;
  /** 95 % t-interval over rounds (of one launch) or over launches; null where there are too few. */
  readonly interval: Interval | null;
  /** Samples behind the value. */
  readonly n: number;
  readonly rounds: number;
  readonly launches: number;
}
export type Metrics = Readonly<Record<string, Metric>>;

/** Something that a reader must know before believing a number. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What one side of a benchmark did, beside its metrics. */
export interface SideResult {
  readonly name: string;
  /** The metric group of its latency. */
  readonly group: string;
  readonly sent: number;
  readonly failures: readonly FailureCount[];
}

/** All that one benchmark test found out; travels from the worker to the reporters as `test.meta.load`. */
export interface LoadResult {
  readonly title: string;
  readonly pass: number;
  readonly metrics: Metrics;
  readonly sides: readonly SideResult[];
  readonly warnings: readonly Warning[];
  /** Why metrics that a reader would expect are missing, by group. */
  readonly unavailable: Readonly<Record<string, string>>;
  /** Why nothing could be measured; makes the exit code 3. */
  readonly broken?: string;
  /** What does not fit into metrics, such as a curve; one entry a kind of benchmark. */
  readonly details?: LoadDetails;
}

/** Extended by the kinds of benchmarks that have more to tell. */
export interface LoadDetails {}

declare module 'vitest' {
  interface TaskMeta {
    load?: LoadResult;
  }
}
