import type { Distribution } from '../stats/distribution.ts';
import { type Block, type BlockLoad, type BlockOutcome, type BlockProgress, runBlock } from './block.ts';
import { ClosedFlow } from './closed-flow.ts';
import { type Consumption, UNMETERED, type ResourceMeter } from './resources.ts';
import type { Round, RoundsContext, Side, SideRounds } from './rounds.ts';
import { type Quantity, Samples } from './samples.ts';
import type { RoundsSpec } from './spec.ts';

const OPEN_RAMP_SHARE = 0.1;
const LONGEST_OPEN_RAMP_MS = 1000;

/** One side on its way through all rounds: what it has sent and measured. */
export class SideRun {
  readonly side: Side;
  readonly #spec: RoundsSpec;
  readonly #create: () => Distribution;
  readonly #rounds: (Pick<Round, 'samples' | 'consumption'> & { outcome: BlockOutcome })[] = [];
  readonly #warmedUp: Samples;
  #current: Samples;
  #told = { ended: 0, failed: 0 };
  #warm: boolean;

  constructor(side: Side, spec: RoundsSpec, create: () => Distribution) {
    this.side = side;
    this.#spec = spec;
    this.#create = create;
    this.#warmedUp = this.#samples();
    this.#current = this.#warmedUp;
    this.#warm = side.load.warmup === 0;
  }

  meterOf({ meter }: RoundsContext): ResourceMeter {
    return this.side.meter ?? meter;
  }

  get last(): Samples | undefined {
    return this.#rounds.at(-1)?.samples;
  }

  /** Samples of the round that is under way. */
  get opened(): Samples {
    return this.#current;
  }

  /** Whether the rounds of a turn can follow each other on this thread. */
  flows({ runBlock: elsewhere }: RoundsContext): boolean {
    return elsewhere === undefined && this.#spec.alternate === 'round' && this.side.load.open === undefined;
  }

  async warmUp(context: RoundsContext): Promise<void> {
    if (this.#warm) return;
    this.#warm = true;
    const { warmup, concurrency, warmupConcurrency } = this.side.load;
    context.onProgress({ phase: `${this.side.name} warm-up`, step: '', done: 0, total: warmup, failures: 0 });
    const load = { kind: 'closed', count: warmup, concurrency: warmupConcurrency ?? concurrency, unmeasured: warmup } as const;
    await this.drive(load, context);
  }

  /**
   * Rounds under load, one behind the other. Before them come requests that only fill the queue: before the first of all rounds
   * these are the warm-up.
   */
  async flow(rounds: readonly number[], context: RoundsContext): Promise<void> {
    const [first = 0] = rounds;
    const { warmup, concurrency } = this.side.load;
    let current = first;
    const flow = new ClosedFlow(
      this.#block(context, () => current),
      concurrency,
    );
    this.open();
    this.progress(context, first);
    const ramp = this.#ramp(rounds.reduce((sum, round) => sum + this.countOf(round), 0));
    if (this.#warm) await flow.fill(ramp, this.#current);
    else await flow.fill(Math.max(warmup, ramp), this.#warmedUp);
    this.#warm = true;
    for (const round of rounds) {
      if (context.signal.aborted) break;
      if (round !== first) this.open();
      current = round;
      const samples = this.#current;
      await this.#metered(context, () => flow.measure(this.countOf(round), samples, round === rounds.at(-1)));
      this.progress(context, round);
    }
    await flow.drain();
  }

  /** One round under load as a block of its own. */
  async block(round: number, context: RoundsContext): Promise<void> {
    this.open();
    await this.#metered(context, () => this.drive(this.#blockLoad(round), context, round));
    this.progress(context, round);
  }

  drive(load: BlockLoad, context: RoundsContext, round?: number): Promise<BlockOutcome> {
    const run = context.runBlock ?? runBlock;
    return run({ ...this.#block(context, () => round), load, samples: this.#current });
  }

  progress({ onProgress }: RoundsContext, round: number): void {
    const { open, requests } = this.side.load;
    const total = open === undefined ? requests : Math.round((open.rate * open.durationMs) / 1000);
    onProgress({
      phase: `${this.#spec.count} rounds`,
      step: `round ${round + 1}, ${this.side.name}`,
      counter: this.side.name,
      done: Math.min(this.#told.ended, total),
      total,
      failures: this.#told.failed,
    });
  }

  open(): void {
    this.#current = this.#samples();
  }

  close(outcome: BlockOutcome, consumption: Consumption): void {
    this.#rounds.push({ samples: this.#current, outcome, consumption });
  }

  /** Measured requests of a round: the total, spread as evenly as whole numbers allow. */
  countOf(round: number): number {
    const { requests } = this.side.load;
    return Math.floor(((round + 1) * requests) / this.#spec.count) - Math.floor((round * requests) / this.#spec.count);
  }

  finish(): SideRounds {
    const pooled = this.#samples();
    for (const { samples } of this.#rounds) pooled.merge(samples);
    // Only now: replies to the requests of a round may come in the next one.
    const rounds = this.#rounds.map(({ outcome, ...round }) => ({ ...round, ...outcome }));
    return { side: this.side, pooled, rounds, warmedUp: this.#warmedUp };
  }

  /** Reading the meter takes a millisecond or two, in which a fast side would run dry: only what reports its usage is metered. */
  async #metered(context: RoundsContext, measure: () => Promise<BlockOutcome>): Promise<void> {
    if (this.side.load.usage === undefined) return this.close(await measure(), UNMETERED);
    let outcome: BlockOutcome | undefined;
    const consumption = await this.meterOf(context).during(async () => void (outcome = await measure()));
    if (outcome !== undefined) this.close(outcome, consumption);
  }

  #block(context: RoundsContext, round: () => number | undefined): Omit<Block, 'load' | 'samples'> {
    return {
      send: this.side.send,
      recording: this.side.load,
      now: context.now,
      signal: context.signal,
      onProgress: (progress) => this.#onProgress(context, round(), progress),
    };
  }

  #onProgress(context: RoundsContext, round: number | undefined, { ended, failed }: BlockProgress): void {
    this.#told = { ended: this.#told.ended + ended, failed: this.#told.failed + failed };
    if (round !== undefined) this.progress(context, round);
  }

  #blockLoad(round: number): BlockLoad {
    const { open, concurrency } = this.side.load;
    const ramp = this.#ramp(this.countOf(round));
    if (open === undefined) return { kind: 'closed', count: ramp + this.countOf(round), concurrency, unmeasured: ramp };
    const measuredMs = open.durationMs / this.#spec.count;
    const unmeasuredMs = Math.min(measuredMs * OPEN_RAMP_SHARE, LONGEST_OPEN_RAMP_MS);
    return { kind: 'open', ...open, seed: open.seed + round, durationMs: measuredMs + unmeasuredMs, unmeasuredMs };
  }

  #ramp(measured: number): number {
    const { concurrency } = this.side.load;
    return this.#spec.alternate === 'round' && concurrency > 1 ? Math.min(concurrency, measured) : 0;
  }

  #samples(): Samples {
    const { report, shared } = this.side.load;
    return new Samples(shared?.quantities ?? (Object.keys(report) as Quantity[]), this.#create);
  }
}
