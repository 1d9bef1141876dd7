import type { Clock } from '../../fixtures/clock.ts';
import { Column, type Distribution } from '../stats/distribution.ts';
import { type BlockLoad, type BlockOutcome, type RunBlock, runBlock, type SendOnSlot } from './block.ts';
import type { Consumption, ResourceMeter } from './resources.ts';
import type { Samples } from './samples.ts';
import { SideRun } from './side-run.ts';
import type { LoadSpec, RoundsSpec } from './spec.ts';

/** One of the things that take turns. */
export interface Side {
  readonly name: string;
  readonly send: SendOnSlot;
  readonly load: LoadSpec;
  /** Reads the resources of this side's own proxy, where the sides do not share one. */
  readonly meter?: ResourceMeter;
}

/** What one side did in one round. */
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
  /** Whose count `done` is, where several steps share one: the rate is then that of all of them. */
  readonly counter?: string;
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

/** Runs all rounds; the order of the sides is reversed every turn, so that drift hits them alike. */
export async function runRounds(sides: readonly Side[], spec: RoundsSpec, context: RoundsContext): Promise<SideRounds[]> {
  const create = context.createDistribution ?? ((): Distribution => new Column());
  const runs = sides.map((side) => new SideRun(side, spec, create));
  for (const run of runs) if (!run.flows(context)) await run.warmUp(context);
  const turns = runs.every((run) => run.flows(context)) ? (spec.turns ?? spec.count) : spec.count;
  for (const [turn, rounds] of roundsOfTurns(spec.count, Math.min(turns, spec.count)).entries()) {
    if (context.signal.aborted) break;
    const order = (spec.order ?? alternating)(runs, turn);
    if (spec.alternate === 'request') for (const round of rounds) await inTurns(order, round, context);
    else for (const run of order) if (!context.signal.aborted) await underLoad(run, rounds, context);
    recordNetOverhead(runs);
  }
  return runs.map((run) => run.finish());
}

/** The numbers of the rounds, spread over so many turns as evenly as whole numbers allow. */
function roundsOfTurns(count: number, turns: number): number[][] {
  const start = (turn: number): number => Math.floor((turn * count) / turns);
  return Array.from({ length: turns }, (_, turn) =>
    Array.from({ length: start(turn + 1) - start(turn) }, (_, index) => start(turn) + index),
  );
}

async function underLoad(run: SideRun, rounds: readonly number[], context: RoundsContext): Promise<void> {
  if (run.flows(context)) return run.flow(rounds, context);
  for (const round of rounds) await run.block(round, context);
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
    if (consumption !== undefined)
      run.close({ wallMs: Number.NaN, completed: Number.NaN, ended: run.opened.sent, due: Number.NaN, notSent: 0 }, consumption);
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
