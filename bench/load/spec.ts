import type { Exchange } from '../client/exchange.ts';
import type { GroupName } from '../stats/metrics.ts';
import type { Observe } from './observe.ts';
import type { Quantity } from './samples.ts';

/** How one side of a benchmark is loaded, and what of it is reported under which name. */
export interface LoadSpec {
  /** Measured requests over all rounds. */
  readonly requests: number;
  readonly concurrency: number;
  /** Requests before the first round, not measured. */
  readonly warmup: number;
  // A bivariant method: a side's observer reads the exchange that the same side's function gives.
  observe(exchange: Exchange, dueMs: number, samples: Parameters<Observe>[2]): void;
  readonly report: Partial<Record<Quantity, GroupName>>;
  /** Where the resources used are reported; only a side that goes through the proxy has it. */
  readonly usage?: { readonly group: 'cpu' | 'unloaded_cpu'; readonly per: 'request' | 'stream' };
}

/** How the sides of a benchmark take turns. */
export interface RoundsSpec {
  readonly count: number;
  /** `round`: one block each in turns. `request`: one request each in turns, for unloaded measurements. */
  readonly alternate: 'round' | 'request';
  /** The order of the sides in a round; by default it turns every time. */
  order?<T>(sides: readonly T[], round: number): readonly T[];
}

declare module 'tinybench' {
  interface FnOptions {
    load?: LoadSpec;
  }
  interface BenchOptions {
    rounds?: RoundsSpec;
  }
}
