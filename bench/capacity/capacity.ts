import { FailureTally } from '../load/failure-tally.ts';
import type { LoadResult, Metric, Warning } from '../load/result.ts';
import type { Progress } from '../load/rounds.ts';
import { type Bound, type Capacity, type Edge, searchCapacity } from '../stats/capacity-search.ts';
import { formatDuration } from '../stats/duration.ts';
import { type Interval, tInterval } from '../stats/interval.ts';
import { mean } from '../stats/percentile.ts';
import { formatRate } from '../stats/rate.ts';
import { guessRate } from './guess-rate.ts';
import { type CapacityStep, measureStep, type StepContext } from './step.ts';

/** What a search of capacity found, and on what it rests; `details.capacity` of the result. */
export interface CapacityDetails {
  readonly slo: string;
  readonly mix: { readonly chat: number; readonly stream: number };
  readonly bound: Bound | 'unfinished';
  readonly rps: number;
  readonly interval: Interval | null;
  readonly edges: readonly Edge[];
  /** In the order in which they were measured. */
  readonly steps: readonly CapacityStep[];
}

declare module '../load/result.ts' {
  interface LoadDetails {
    capacity?: CapacityDetails;
  }
}

export interface CapacityContext extends StepContext {
  readonly slo: string;
  /** Where to begin; found by a short closed loop when not given. */
  readonly startRate: number | undefined;
  readonly seed: number;
  /** Aborts `signal` if the proxy has just ended, so that a step against nothing is no verdict. */
  readonly look: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
}

const TIME_LIMIT_MS = 300_000;
const RESOLUTION = 0.04;
const REPLICATES = 5;
const LOWEST_RATE = 0.05;
const HIGHEST_RATE = 200_000;
/** Near the edge a step may run on for as long as the proxy needs to answer what has piled up. */
const STEPS_EXPECTED = 22;

/** Searches the highest rate that keeps the SLO. */
export async function measureCapacity(context: CapacityContext): Promise<Omit<LoadResult, 'title' | 'pass'>> {
  const untilMs = context.now() + TIME_LIMIT_MS;
  const steps: CapacityStep[] = [];
  const startRate = context.startRate ?? (await guessRate(context)) / 2;
  const measure = async (rate: number): Promise<CapacityStep> => {
    context.onProgress({
      phase: 'searching',
      step: `${formatRate(rate)}/s`,
      done: steps.length,
      total: Math.max(STEPS_EXPECTED, steps.length),
      failures: 0,
    });
    const step = await measureStep(rate, context.seed + steps.length, context);
    if (step.failures > 0) await context.look();
    if (!context.signal.aborted) steps.push(step);
    return step;
  };
  const mayGoOn = (): boolean => !context.signal.aborted && context.now() < untilMs;
  const found = await searchCapacity(measure, {
    startRate,
    lowestRate: Math.min(LOWEST_RATE, startRate),
    highestRate: HIGHEST_RATE,
    resolution: RESOLUTION,
    replicates: REPLICATES,
    mayGoOn,
  });
  return toResult(context, found, steps);
}

function toResult(context: CapacityContext, found: Capacity, steps: readonly CapacityStep[]): Omit<LoadResult, 'title' | 'pass'> {
  const { kinds, slo } = context;
  const n = steps.reduce((sum, { sent }) => sum + sent, 0);
  const metric = (value: number, interval: Interval | null): Metric => ({ value, interval, n, rounds: found.edges.length, launches: 1 });
  const goodputs = found.edges.flatMap(({ keptRate }) => steps.find((step) => step.kept && step.rate === keptRate)?.goodputRps ?? []);
  const best = Math.max(0, ...steps.filter(({ kept }) => kept).map(({ goodputRps }) => goodputRps));
  const goodput =
    goodputs.length === 0
      ? metric(best, null)
      : metric(mean(goodputs), goodputs.length < 3 ? null : (tInterval(goodputs)?.interval ?? null));
  const { rate, interval, edges } = found;
  const bound = context.signal.aborted ? 'unfinished' : found.bound;
  const failures = new FailureTally();
  for (const step of steps) step.failureKinds.forEach((count) => failures.addCount(count));
  return {
    metrics: bound === 'unfinished' ? {} : { 'capacity.rps': metric(rate, interval), 'capacity.goodput_rps': goodput },
    sides: [{ name: 'proxy', group: 'capacity', sent: n, failures: failures.list() }],
    warnings:
      bound === 'unfinished'
        ? [{ code: 'unfinished', message: 'the search was broken off: the rates that were tried until then give no capacity' }]
        : warnings(found, steps),
    unavailable: {},
    details: { capacity: { slo, mix: { chat: kinds.chat, stream: kinds.stream }, bound, rps: rate, interval, edges, steps } },
  };
}

function warnings({ bound, edges, generatorLimited, rate }: Capacity, steps: readonly CapacityStep[]): Warning[] {
  const list: Warning[] = [];
  const [first] = steps;
  if (bound === 'none')
    list.push({
      code: 'slo_never_kept',
      message: `no rate kept the SLO, down to ${formatRate(Math.min(...steps.map((step) => step.rate)))}/s${first === undefined ? '' : `: its limits ask for more than the proxy gives`}`,
    });
  if (bound === 'at_least')
    list.push({
      code: 'at_least',
      message: `${formatRate(rate)}/s is the highest rate that was tried and kept; ${generatorLimited ? 'the client could not send faster: raise --client-threads' : 'no rate above it was seen to fail'}`,
    });
  if (bound === 'found' && edges.length < 3)
    list.push({
      code: 'few_searches',
      message: `after ${formatDuration(TIME_LIMIT_MS)} the edge had been found ${edges.length === 1 ? 'once' : 'twice'}, which gives no interval: shorten the steps with --duration`,
    });
  return list;
}
