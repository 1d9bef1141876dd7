import type { Distribution } from '../stats/distribution.ts';
import { type BlockLoad, type BlockOutcome, type BlockProgress, runBlock } from './block.ts';
import type { Consumption, ResourceMeter } from './resources.ts';
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
  readonly #rounds: Round[] = [];
  readonly #warmedUp: Samples;
  #current: Samples;
  #inBlock = { ended: 0, failed: 0 };

  constructor(side: Side, spec: RoundsSpec, create: () => Distribution) {
    this.side = side;
    this.#spec = spec;
    this.#create = create;
    this.#warmedUp = this.#samples();
    this.#current = this.#warmedUp;
  }

  meterOf({ meter }: RoundsContext): ResourceMeter {
    return this.side.meter ?? meter;
  }

  get last(): Samples | undefined {
    return this.#rounds.at(-1)?.samples;
  }

  async warmUp(context: RoundsContext): Promise<void> {
    const { warmup, concurrency } = this.side.load;
    if (warmup === 0) return;
    context.onProgress({ phase: `${this.side.name} warm-up`, step: '', done: 0, total: warmup, failures: 0 });
    await this.drive({ kind: 'closed', count: warmup, concurrency, unmeasured: warmup }, context);
  }

  /** A block under load. The start of it only fills the queue: those requests count, but are no latency samples. */
  async block(round: number, context: RoundsContext): Promise<void> {
    this.open();
    let outcome: BlockOutcome = { wallMs: 0, completed: 0, due: 0, notSent: 0 };
    const consumption = await this.meterOf(context).during(async () => {
      outcome = await this.drive(this.#blockLoad(round), context, round);
    });
    this.close(outcome, consumption);
    this.progress(context, round);
  }

  drive(load: BlockLoad, context: RoundsContext, round?: number): Promise<BlockOutcome> {
    const run = context.runBlock ?? runBlock;
    this.#inBlock = { ended: 0, failed: 0 };
    return run({
      send: this.side.send,
      load,
      recording: this.side.load,
      samples: this.#current,
      now: context.now,
      signal: context.signal,
      onProgress: (progress) => this.#onProgress(context, round, progress),
    });
  }

  progress({ onProgress }: RoundsContext, round: number): void {
    const before = this.#rounds.reduce((sum, { samples }) => sum + samples.sent, 0);
    const { ended, failed } = this.#rounds.at(-1)?.samples === this.#current ? { ended: 0, failed: 0 } : this.#inBlock;
    const failures = this.#rounds.reduce((sum, { samples }) => sum + samples.failures.total, 0) + failed;
    const { open, requests } = this.side.load;
    const total = open === undefined ? requests + this.#spec.count * this.#ramp(0) : Math.round((open.rate * open.durationMs) / 1000);
    onProgress({
      phase: `${this.#spec.count} rounds`,
      step: `round ${round + 1}, ${this.side.name}`,
      done: before + ended,
      total,
      failures,
    });
  }

  #onProgress(context: RoundsContext, round: number | undefined, { ended, failed }: BlockProgress): void {
    this.#inBlock = { ended: this.#inBlock.ended + ended, failed: this.#inBlock.failed + failed };
    if (round !== undefined) this.progress(context, round);
  }

  open(): void {
    this.#current = this.#samples();
  }

  close(outcome: BlockOutcome, consumption: Consumption): void {
    this.#rounds.push({ samples: this.#current, ...outcome, consumption });
  }

  /** Measured requests of a round: the total, spread as evenly as whole numbers allow. */
  countOf(round: number): number {
    const { requests } = this.side.load;
    return Math.floor(((round + 1) * requests) / this.#spec.count) - Math.floor((round * requests) / this.#spec.count);
  }

  finish(): SideRounds {
    const pooled = this.#samples();
    for (const { samples } of this.#rounds) pooled.merge(samples);
    return { side: this.side, pooled, rounds: this.#rounds, warmedUp: this.#warmedUp };
  }

  #blockLoad(round: number): BlockLoad {
    const { open, concurrency } = this.side.load;
    const ramp = this.#ramp(round);
    if (open === undefined) return { kind: 'closed', count: ramp + this.countOf(round), concurrency, unmeasured: ramp };
    const measuredMs = open.durationMs / this.#spec.count;
    const unmeasuredMs = Math.min(measuredMs * OPEN_RAMP_SHARE, LONGEST_OPEN_RAMP_MS);
    return { kind: 'open', ...open, seed: open.seed + round, durationMs: measuredMs + unmeasuredMs, unmeasuredMs };
  }

  #ramp(round: number): number {
    const { concurrency } = this.side.load;
    return this.#spec.alternate === 'round' && concurrency > 1 ? Math.min(concurrency, this.countOf(round)) : 0;
  }

  #samples(): Samples {
    const { report, shared } = this.side.load;
    return new Samples(shared?.quantities ?? (Object.keys(report) as Quantity[]), this.#create);
  }
}
