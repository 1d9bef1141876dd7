import type { GroupName } from '../stats/metrics.ts';
import type { OpenLoad } from './block.ts';
import type { Recording } from './record.ts';
import type { Quantity } from './samples.ts';

/** How one side of a benchmark is loaded, and what of it is reported under which name. */
export interface LoadSpec extends Recording {
  /** Measured requests over all rounds. */
  readonly requests: number;
  readonly concurrency: number;
  /** Requests before the first round, not measured; the first round goes on from them. */
  readonly warmup: number;
  /** How many of them are in flight; `concurrency` by default. */
  readonly warmupConcurrency?: number;
  /** An open loop instead of `requests` at `concurrency`; `durationMs` is measured over all rounds. */
  readonly open?: Pick<OpenLoad, 'rate' | 'arrival' | 'seed' | 'durationMs' | 'mostInFlight'>;
  /** The first is the benchmark's own: its counts and its rate are reported too, and Vitest's table shows it. */
  readonly report: Partial<Record<Quantity, GroupName>>;
  /** Benchmarks of one worker that share a load read the same requests; the first of them sends, for itself and the others. */
  readonly shared?: SharedLoad;
  /** Where the resources used are reported; only a side that goes through the proxy has it. */
  readonly usage?: { readonly group: 'cpu' | 'unloaded_cpu'; readonly per: 'request' | 'stream' };
}

/** All benchmarks that name it have the same load and take turns in the same way. */
export interface SharedLoad {
  readonly name: string;
  /** What any of them reports. */
  readonly quantities: readonly Quantity[];
}

/** The quantity that a benchmark is about. */
export function ownQuantity({ report }: Pick<LoadSpec, 'report'>): Quantity {
  return (Object.keys(report)[0] ?? 'latency') as Quantity;
}

/** How the sides of a benchmark take turns. */
export interface RoundsSpec {
  readonly count: number;
  /** `round`: blocks of rounds in turns. `request`: one request each in turns, for unloaded measurements. */
  readonly alternate: 'round' | 'request';
  /**
   * Blocks that each side gets, `count` by default. The rounds of a block follow each other with the queue kept full, which has
   * to be filled anew for every block. An open loop has a block a round, and so have senders on other threads.
   */
  readonly turns?: number;
  /** The order of the sides in a turn; by default it is reversed every time. */
  order?<T>(sides: readonly T[], turn: number): readonly T[];
}

declare module 'tinybench' {
  interface FnOptions {
    load?: LoadSpec;
  }
  interface BenchOptions {
    rounds?: RoundsSpec;
  }
}
