import { type Interval, tInterval } from './interval.ts';
import { mean } from './percentile.ts';

/** What was seen at one rate. */
export interface StepVerdict {
  readonly kept: boolean;
  /** The generator of the load could not do more, so a rate that failed says nothing of the gateway. */
  readonly generatorLimited?: boolean;
}

export interface SearchOptions {
  readonly startRate: number;
  readonly lowestRate: number;
  readonly highestRate: number;
  /** An edge is found when the rate that failed is at most this share above the one that was kept. */
  readonly resolution: number;
  /** Independent searches of the edge; the interval comes from them. */
  readonly replicates: number;
  /** Asked before each step; false ends the search with what is known. */
  readonly mayGoOn: () => boolean;
}

/** One independent look for the edge: the highest rate it saw kept, and the lowest it saw fail. */
export interface Edge {
  readonly keptRate: number;
  readonly failedRate: number;
}

/**
 * `found`: rates above it were seen to fail. `at_least`: none was, so the truth may be higher. `none`: not even the lowest
 * rate was kept.
 */
export type Bound = 'found' | 'at_least' | 'none';

export interface Capacity {
  readonly bound: Bound;
  readonly rate: number;
  /** 95 %, null where it cannot be given. */
  readonly interval: Interval | null;
  readonly edges: readonly Edge[];
  readonly generatorLimited: boolean;
}

/** A first look must not end far from the edge; later ones start this many resolutions around it. */
const REPLICATE_SPAN = 4;

/**
 * The highest rate that is kept. Brackets it by doubling (or halving), then bisects; around the edge that was found the
 * bisection is repeated from scratch, each time with rates of its own seen kept and failed, since one verdict at one rate is
 * a matter of chance near the edge. The answer is the mean of the edges with their t-interval, never narrower than the
 * resolution.
 */
export async function searchCapacity(measure: (rate: number) => Promise<StepVerdict>, options: SearchOptions): Promise<Capacity> {
  const search = new Search(measure, options);
  const bracket = await search.bracket();
  if (bracket.keptRate === 0) return { bound: 'none', rate: 0, interval: null, edges: [], generatorLimited: search.generatorLimited };
  if (bracket.failedRate === Number.POSITIVE_INFINITY)
    return { bound: 'at_least', rate: bracket.keptRate, interval: null, edges: [], generatorLimited: search.generatorLimited };
  const edges = [await search.bisect(bracket)];
  while (edges.length < options.replicates && options.mayGoOn()) {
    const edge = await search.replicate(mean(edges.map(middle)));
    if (edge === undefined) break;
    edges.push(edge);
  }
  return { bound: 'found', ...answer(edges, options.resolution), edges, generatorLimited: search.generatorLimited };
}

function answer(edges: readonly Edge[], resolution: number): { rate: number; interval: Interval | null } {
  const rates = edges.map(middle);
  const rate = mean(rates);
  const estimate = edges.length < 3 ? undefined : tInterval(rates);
  if (estimate === undefined) return { rate, interval: null };
  const half = Math.max((estimate.interval[1] - estimate.interval[0]) / 2, (rate * resolution) / 2);
  return { rate, interval: [rate - half, rate + half] };
}

/** Rates are steps of a ratio, so their middle is the geometric one. */
function middle({ keptRate, failedRate }: Edge): number {
  return Math.sqrt(keptRate * failedRate);
}

class Search {
  generatorLimited = false;
  readonly #measure: (rate: number) => Promise<StepVerdict>;
  readonly #options: SearchOptions;

  constructor(measure: (rate: number) => Promise<StepVerdict>, options: SearchOptions) {
    this.#measure = measure;
    this.#options = options;
  }

  /** A kept rate of 0 stands for none, a failed one of infinity too. */
  async bracket(): Promise<Edge> {
    const { startRate, lowestRate, highestRate, mayGoOn } = this.#options;
    let [keptRate, failedRate] = [0, Number.POSITIVE_INFINITY];
    for (let rate = startRate; rate >= lowestRate && rate <= highestRate && mayGoOn(); rate = keptRate === 0 ? rate / 2 : rate * 2) {
      const { kept, generatorLimited = false } = await this.#measure(rate);
      if (kept) keptRate = rate;
      else if (generatorLimited) {
        this.generatorLimited = true;
        if (keptRate > 0) break;
      } else failedRate = rate;
      if (keptRate > 0 && failedRate < Number.POSITIVE_INFINITY) break;
    }
    return { keptRate, failedRate };
  }

  async bisect(bracket: Edge): Promise<Edge> {
    let { keptRate, failedRate } = bracket;
    while (failedRate / keptRate > 1 + this.#options.resolution && this.#options.mayGoOn()) {
      const rate = middle({ keptRate, failedRate });
      const { kept } = await this.#measure(rate);
      if (kept) keptRate = rate;
      else failedRate = rate;
    }
    return { keptRate, failedRate };
  }

  /** Bisects around an earlier edge; an end that was not seen by this search itself is looked at before it is believed. */
  async replicate(around: number): Promise<Edge | undefined> {
    const span = 1 + this.#options.resolution * REPLICATE_SPAN;
    const [lowRate, highRate] = [around / span, around * span];
    let edge: Edge | undefined = await this.bisect({ keptRate: lowRate, failedRate: highRate });
    if (edge.keptRate === lowRate) edge = await this.#walk(edge.failedRate, 'down');
    else if (edge.failedRate === highRate) edge = await this.#walk(edge.keptRate, 'up');
    if (edge !== undefined) edge = await this.bisect(edge);
    // The time may be over in the midst of it: an edge so wide would only blur the others.
    return edge === undefined || edge.failedRate / edge.keptRate > 1 + this.#options.resolution ? undefined : edge;
  }

  /** From a rate that failed down to one that is kept, or the other way round, in steps that double. */
  async #walk(from: number, direction: 'down' | 'up'): Promise<Edge | undefined> {
    let [rate, step] = [from, 1 + this.#options.resolution];
    while (this.#options.mayGoOn()) {
      const next = direction === 'down' ? rate / step : rate * step;
      const { kept } = await this.#measure(next);
      if (kept === (direction === 'down')) return { keptRate: Math.min(rate, next), failedRate: Math.max(rate, next) };
      [rate, step] = [next, step * step];
    }
    return undefined;
  }
}
