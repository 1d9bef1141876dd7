import type { Clock } from '../../fixtures/clock.ts';
import { Column, type Distribution } from '../stats/distribution.ts';
import { type BlockLoad, type BlockOutcome, type BlockProgress, type RunBlock, runBlock, type SendOnSlot } from './block.ts';
import { Samples, type Quantity } from './samples.ts';
import type { LoadSpec, RoundsSpec } from './spec.ts';
import type { Consumption, ResourceMeter } from './resources.ts';

/** One of the things that take turns. */
export interface Side {
  readonly name: string;
  readonly send: SendOnSlot;
  readonly load: LoadSpec;
  /** Reads the resources of this side's own proxy, where the sides do not share one. */
  readonly meter?: ResourceMeter;
}

/** One side's block of one round. */
export interface Round extends BlockOutcome {
  readonly samples: Samples;
  readonly consumption: Consumption;
}

export interface SideRounds {
  readonly side: Side;
  readonly pooled: Samples;
  readonly rounds: readonly Round[];
  readonly warmedUp: Samples;
}

/** What is going on, for whoever watches. */
export interface Progress {
  /** Changes when something else begins: `proxy warm-up`, `3 rounds`. */
  readonly phase: string;
  /** Where within the phase. */
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly failures: number;
}

export interface RoundsContext {
  readonly meter: ResourceMeter;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly createDistribution?: () => Distribution;
  /** Sends the blocks of load; by default this thread does. */
  readonly runBlock?: RunBlock;
}

/** Warms every side up, then runs the rounds; the order within a round turns every time, so that drift hits all sides alike. */
export async function runRounds(sides: readonly Side[], spec: RoundsSpec, context: RoundsContext): Promise<SideRounds[]> {
  const create = context.createDistribution ?? ((): Distribution => new Column());
  const runs = sides.map((side) => new SideRun(side, spec, create));
  for (const run of runs) await run.warmUp(context);
  for (let round = 0; round < spec.count && !context.signal.aborted; round += 1) {
    const order = (spec.order ?? alternating)(runs, round);
    if (spec.alternate === 'request') await inTurns(order, round, context);
    else for (const run of order) if (!context.signal.aborted) await run.block(round, context);
    recordNetOverhead(runs);
  }
  return runs.map((run) => run.finish());
}

const ONE_REQUEST: BlockLoad = { kind: 'closed', count: 1, concurrency: 1, unmeasured: 0 };

/** Requests one at a time, in turns; CPU is read around the whole round, since a reading costs more than a request. */
async function inTurns(runs: readonly SideRun[], round: number, context: RoundsContext): Promise<void> {
  for (const run of runs) run.open();
  const most = Math.max(...runs.map((run) => run.countOf(round)));
  const turns = async (): Promise<void> => {
    for (let index = 0; index < most && !context.signal.aborted; index += 1) {
      for (const run of alternating(runs, index)) {
        if (index < run.countOf(round)) await run.drive(ONE_REQUEST, { ...context, runBlock });
      }
      runs.at(-1)?.progress(context, round);
    }
  };
  const consumptions = await meterAll([...new Set(runs.map((run) => run.meterOf(context)))], turns);
  for (const run of runs) {
    const consumption = consumptions.get(run.meterOf(context));
    if (consumption !== undefined) run.close({ wallMs: Number.NaN, completed: Number.NaN, due: Number.NaN, notSent: 0 }, consumption);
  }
}

/** The first goes first in even turns and last in odd ones. */
function alternating<T>(things: readonly T[], turn: number): readonly T[] {
  return turn % 2 === 0 ? things : things.toReversed();
}

/** Every meter around the same block. */
async function meterAll(meters: readonly ResourceMeter[], block: () => Promise<void>): Promise<Map<ResourceMeter, Consumption>> {
  const consumptions = new Map<ResourceMeter, Consumption>();
  let inner = block;
  for (const meter of meters) {
    const within = inner;
    inner = async () => void consumptions.set(meter, await meter.during(within));
  }
  await inner();
  return consumptions;
}

/** The overhead of each proxy request less the median overhead of the direct requests of the same round. */
function recordNetOverhead(runs: readonly SideRun[]): void {
  const direct = runs.find(({ side }) => side.name === 'direct')?.last;
  if (direct?.wants('overhead') !== true) return;
  const floorMs = direct.of('overhead').percentile(50);
  for (const { last } of runs) {
    if (last?.wants('net_overhead') !== true) continue;
    for (const value of last.of('overhead').values() ?? []) last.record('net_overhead', value - floorMs);
  }
}

const OPEN_RAMP_SHARE = 0.1;
const LONGEST_OPEN_RAMP_MS = 1000;

class SideRun {
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
    return run({ send: this.side.send, load, recording: this.side.load, samples: this.#current, now: context.now, signal: context.signal, onProgress: (progress) => this.#onProgress(context, round, progress) });
  }

  progress({ onProgress }: RoundsContext, round: number): void {
    const before = this.#rounds.reduce((sum, { samples }) => sum + samples.sent, 0);
    const { ended, failed } = this.#rounds.at(-1)?.samples === this.#current ? { ended: 0, failed: 0 } : this.#inBlock;
    const failures = this.#rounds.reduce((sum, { samples }) => sum + samples.failures.total, 0) + failed;
    const { open, requests } = this.side.load;
    const total = open === undefined ? requests + this.#spec.count * this.#ramp(0) : Math.round((open.rate * open.durationMs) / 1000);
    onProgress({ phase: `${this.#spec.count} rounds`, step: `round ${round + 1}, ${this.side.name}`, done: before + ended, total, failures });
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
    return new Samples(Object.keys(this.side.load.report) as Quantity[], this.#create);
  }
}
