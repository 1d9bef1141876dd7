import { observeStream, observeWhole } from '../load/observe.ts';
import { sideMetrics } from '../load/metrics.ts';
import type { Metrics } from '../load/result.ts';
import { runRounds, type RoundsContext, type Side, type SideRounds } from '../load/rounds.ts';
import type { LoadSpec, RoundsSpec } from '../load/spec.ts';
import type { Settings } from '../settings.ts';
import type { FailureCount } from '../load/failure-tally.ts';
import { shuffled } from '../stats/random.ts';
import type { LaunchedSide } from './launched-side.ts';

/** What a launch gave for one side. */
export interface Measured {
  readonly metrics: Metrics;
  readonly failures: readonly FailureCount[];
  /** Times of the single requests, for Vitest's own table. */
  readonly latencies: Float64Array;
}

/** How much is measured in a launch. */
export interface LaunchPlan {
  readonly unloadedRounds: number;
  /** Blocks under load of each side, and how many requests or streams are measured in one. */
  readonly blocks: number;
  readonly blockRequests: number;
  readonly blockStreams: number;
}

export const USUAL_PLAN: LaunchPlan = { unloadedRounds: 6, blocks: 7, blockRequests: 45, blockStreams: 20 };

/** Enough to keep the proxy busy, and no more: a longer queue only repeats the same wait. */
const MOST_IN_FLIGHT = 10;

/**
 * Measures all sides of a launch side by side: request by request in turns when unloaded, in short blocks in shuffled turns
 * under load; the sides that are not measured idle.
 */
export async function measureLaunch(
  sides: readonly LaunchedSide[],
  settings: Settings,
  seed: number,
  context: Omit<RoundsContext, 'meter'>,
  plan = USUAL_PLAN,
): Promise<ReadonlyMap<string, Measured>> {
  const [first] = sides;
  if (first === undefined) return new Map();
  const run = (load: LoadSpec, send: (side: LaunchedSide) => Side['send'], rounds: RoundsSpec): Promise<SideRounds[]> =>
    runRounds(
      sides.map((side) => ({ name: side.name, send: send(side), load, meter: side.meter })),
      rounds,
      { ...context, meter: first.meter },
    );
  const order: RoundsSpec['order'] = (things, round) => shuffled(things, seed * 1000 + round);
  const chat = (side: LaunchedSide): Side['send'] => side.endpoint.chat;
  const stream = (side: LaunchedSide): Side['send'] => side.endpoint.stream;
  const parts = [
    await run(unloaded(settings), chat, { count: plan.unloadedRounds, alternate: 'request' }),
    await run(loadedChat(settings, plan), chat, { count: plan.blocks, alternate: 'round', order }),
    await run(loadedStreams(settings, plan), stream, { count: plan.blocks, alternate: 'round', order }),
  ];
  return new Map(sides.map(({ name }) => [name, together(parts.flatMap((part) => part.filter(({ side }) => side.name === name)))]));
}

function together(parts: readonly SideRounds[]): Measured {
  return {
    metrics: Object.assign({}, ...parts.map((part) => sideMetrics(part, 'median'))) as Metrics,
    failures: parts.flatMap(({ pooled }) => pooled.failures.list()),
    latencies: parts[0]?.pooled.of('latency').values() ?? new Float64Array(),
  };
}

function unloaded({ overheadRequests }: Settings): LoadSpec {
  return {
    requests: Math.ceil(overheadRequests / 2),
    concurrency: 1,
    warmup: 50,
    observe: observeWhole,
    report: { latency: 'unloaded', overhead: 'overhead', inbound: 'inbound', outbound: 'outbound', header: 'unloaded_header' },
    usage: { group: 'unloaded_cpu', per: 'request' },
  };
}

function loadedChat({ concurrency }: Settings, { blocks, blockRequests }: LaunchPlan): LoadSpec {
  const inFlight = Math.min(concurrency, MOST_IN_FLIGHT);
  return {
    requests: blocks * blockRequests,
    concurrency: inFlight,
    warmup: inFlight,
    observe: observeWhole,
    report: { latency: 'proxy' },
    usage: { group: 'cpu', per: 'request' },
  };
}

function loadedStreams({ streamConcurrency }: Settings, { blocks, blockStreams }: LaunchPlan): LoadSpec {
  const inFlight = Math.min(streamConcurrency, MOST_IN_FLIGHT);
  return {
    requests: blocks * blockStreams,
    concurrency: inFlight,
    warmup: inFlight,
    observe: observeStream as LoadSpec['observe'],
    report: { latency: 'stream', first_content: 'ttft' },
    usage: { group: 'cpu', per: 'stream' },
  };
}
