import type { Clock } from '../../fixtures/clock.ts';
import type { Exchange } from '../client/exchange.ts';
import { Column, type Distribution } from '../stats/distribution.ts';
import { driveClosed, type Span } from './driver.ts';
import { Samples, type Quantity } from './samples.ts';
import type { LoadSpec, RoundsSpec } from './spec.ts';
import type { Consumption, ResourceMeter } from './resources.ts';

/** One of the things that take turns. */
export interface Side {
  readonly name: string;
  readonly send: (slot: number) => Promise<Exchange>;
  readonly load: LoadSpec;
  /** Reads the resources of this side's own proxy, where the sides do not share one. */
  readonly meter?: ResourceMeter;
}

/** One side's block of one round. */
export interface Round {
  readonly samples: Samples;
  /** Time under load; NaN where the sides took turns request by request. */
  readonly wallMs: number;
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
}

/** Warms every side up, then runs the rounds; the order within a round turns every time, so that drift hits all sides alike. */
export async function runRounds(sides: readonly Side[], spec: RoundsSpec, context: RoundsContext): Promise<SideRounds[]> {
  const create = context.createDistribution ?? ((): Distribution => new Column());
  const runs = sides.map((side) => new SideRun(side, spec, create));
  for (const run of runs) await run.warmUp(context);
  for (let round = 0; round < spec.count && !context.signal.aborted; round += 1) {
    const order = (spec.order ?? alternating)(runs, round);
    if (spec.alternate === 'round') for (const run of order) await run.block(round, context);
    else await inTurns(order, round, context);
    recordNetOverhead(runs);
  }
  return runs.map((run) => run.finish());
}

/** Requests one at a time, in turns; CPU is read around the whole round, since a reading costs more than a request. */
async function inTurns(runs: readonly SideRun[], round: number, context: RoundsContext): Promise<void> {
  for (const run of runs) run.open();
  const most = Math.max(...runs.map((run) => run.countOf(round)));
  const turns = async (): Promise<void> => {
    for (let index = 0; index < most && !context.signal.aborted; index += 1) {
      for (const run of alternating(runs, index)) {
        if (index < run.countOf(round)) await run.drive(1, 0, context);
      }
      runs.at(-1)?.progress(context, round);
    }
  };
  const consumptions = await meterAll([...new Set(runs.map((run) => run.meterOf(context)))], turns);
  for (const run of runs) {
    const consumption = consumptions.get(run.meterOf(context));
    if (consumption !== undefined) run.close({ wallMs: Number.NaN, consumption });
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

class SideRun {
  readonly side: Side;
  readonly #spec: RoundsSpec;
  readonly #create: () => Distribution;
  readonly #rounds: Round[] = [];
  readonly #warmedUp: Samples;
  #current: Samples;

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
    if (this.side.load.warmup === 0) return;
    context.onProgress({ phase: `${this.side.name} warm-up`, step: '', done: 0, total: this.side.load.warmup, failures: 0 });
    await this.drive(this.side.load.warmup, this.side.load.warmup, context);
  }

  /** A block under load. Its first `concurrency` requests only fill the queue: they count, but are no latency samples. */
  async block(round: number, context: RoundsContext): Promise<void> {
    this.open();
    const ramp = this.#ramp(round);
    let span: Span | undefined;
    const consumption = await this.meterOf(context).during(async () => {
      span = await this.drive(ramp + this.countOf(round), ramp, context, round);
    });
    this.close({ wallMs: (span?.endedMs ?? 0) - (span?.startedMs ?? 0), consumption });
    this.progress(context, round);
  }

  async drive(count: number, unmeasured: number, context: RoundsContext, round?: number): Promise<Span> {
    const { load, send } = this.side;
    const samples = this.#current;
    const onDone = (exchange: Exchange, index: number, dueMs: number): void => {
      samples.sent += 1;
      if (exchange.failure !== null) samples.failures.add(exchange.failure);
      else {
        samples.succeeded += 1;
        if (index >= unmeasured) load.observe(exchange, dueMs, samples);
      }
      if (round !== undefined && samples.sent % 16 === 0) this.progress(context, round);
    };
    return driveClosed({ send, onDone, signal: context.signal, now: context.now }, { count, concurrency: load.concurrency });
  }

  progress({ onProgress }: RoundsContext, round: number): void {
    const before = this.#rounds.reduce((sum, { samples }) => sum + samples.sent, 0);
    const inRound = this.#rounds.at(-1)?.samples === this.#current ? 0 : this.#current.sent;
    const failures = this.#rounds.reduce((sum, { samples }) => sum + samples.failures.total, 0) + this.#current.failures.total;
    const total = this.side.load.requests + this.#spec.count * this.#ramp(0);
    onProgress({ phase: `${this.#spec.count} rounds`, step: `round ${round + 1}, ${this.side.name}`, done: before + inRound, total, failures });
  }

  open(): void {
    this.#current = this.#samples();
  }

  close(outcome: Omit<Round, 'samples'>): void {
    this.#rounds.push({ samples: this.#current, ...outcome });
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

  #ramp(round: number): number {
    const { concurrency } = this.side.load;
    return this.#spec.alternate === 'round' && concurrency > 1 ? Math.min(concurrency, this.countOf(round)) : 0;
  }

  #samples(): Samples {
    return new Samples(Object.keys(this.side.load.report) as Quantity[], this.#create);
  }
}
