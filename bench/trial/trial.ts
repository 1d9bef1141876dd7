import type { StartedProxy } from '../../fixtures/proxy/started-proxy.ts';
import type { RoundsContext } from '../load/rounds.ts';
import type { FailureCount } from '../load/failure-tally.ts';
import type { Settings } from '../settings.ts';
import { formatDuration } from '../stats/duration.ts';
import {
  type ComparedSide,
  compareSides,
  type FailedLaunch,
  type LaunchValues,
  overLaunches,
  packageDifferences,
  type TrialResult,
} from './comparison.ts';
import { LaunchedSide } from './launched-side.ts';
import { type LaunchPlan, measureLaunch, type Measured } from './measure-launch.ts';

/** A side before its first launch. */
export interface TrialSide {
  readonly name: string;
  readonly target: string;
  /** @param onProgress gets lines about slow steps, such as the building of an environment */
  readonly launch: (onProgress: (line: string) => void) => Promise<StartedProxy>;
}

export interface TrialContext extends Omit<RoundsContext, 'meter'> {
  readonly settings: Settings;
  readonly apiKey: string;
  readonly providerUrl: string;
  readonly plan?: LaunchPlan;
  /** Called after every launch with all that is known until then. */
  readonly onLaunch: (sofar: TrialOutcome) => void;
}

/** The result, and what Vitest and the guards want of it. */
export interface TrialOutcome {
  readonly result: TrialResult;
  readonly latencies: ReadonlyMap<string, readonly Float64Array[]>;
  readonly failures: ReadonlyMap<string, readonly FailureCount[]>;
}

/** So many failed launches and none that worked: more would only fail again. */
const FUTILE_LAUNCHES = 2;

/** Launches all sides together, measures them side by side, stops them, and again; see docs/method.md for why. */
export async function runTrial(sides: readonly TrialSide[], context: TrialContext): Promise<TrialOutcome> {
  const records = sides.map((side) => new SideRecord(side));
  const failedLaunches: FailedLaunch[] = [];
  const startedMs = context.now();
  const onProgress: TrialContext['onProgress'] = (progress) =>
    context.onProgress({ ...progress, step: progress.step + timeLeft(progress.done, progress.total, context.now() - startedMs) });
  const watched = { ...context, onProgress };
  for (let launch = 1; launch <= context.settings.launches && !context.signal.aborted; launch += 1) {
    const started = await startTogether(sides, launch, watched);
    failedLaunches.push(...started.failed);
    if (started.failed.length === 0) await measure(started.sides, records, launch, watched);
    await Promise.all(started.sides.map((side) => side[Symbol.asyncDispose]()));
    const sofar = outcome(records, failedLaunches, context.settings);
    context.onLaunch(sofar);
    if (sofar.result.launches === 0 && launch >= FUTILE_LAUNCHES) break;
  }
  return outcome(records, failedLaunches, context.settings);
}

async function startTogether(
  sides: readonly TrialSide[],
  launch: number,
  context: TrialContext,
): Promise<{ sides: LaunchedSide[]; failed: FailedLaunch[] }> {
  report(context, launch, 'starting');
  const settled = await Promise.allSettled(sides.map((side) => side.launch((line) => reportBuild(context, line))));
  const failed = settled.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [{ launch, side: sides[index]?.name ?? '', message: (outcome.reason as Error).message }] : [],
  );
  const started = settled.flatMap((outcome, index) =>
    outcome.status === 'fulfilled' ? [new LaunchedSide(sides[index]?.name ?? '', outcome.value, context)] : [],
  );
  return { sides: started, failed };
}

async function measure(
  started: readonly LaunchedSide[],
  records: readonly SideRecord[],
  launch: number,
  context: TrialContext,
): Promise<void> {
  const { settings } = context;
  const onProgress: TrialContext['onProgress'] = ({ phase, failures }) => report(context, launch, phase, failures);
  const measured = await measureLaunch(started, settings, settings.seed + launch, { ...context, onProgress }, context.plan);
  for (const record of records) {
    const side = started.find(({ name }) => name === record.side.name);
    const values = measured.get(record.side.name);
    if (side !== undefined && values !== undefined) record.add(launch, side.proxy, values);
  }
}

function report({ onProgress, settings }: TrialContext, launch: number, step: string, failures = 0): void {
  const phase = `launch ${launch} of ${settings.launches}`;
  onProgress({ phase, step: `${phase}, ${step}`, done: launch - 1, total: settings.launches, failures });
}

/** Launches take about the same time each. */
function timeLeft(done: number, total: number, elapsedMs: number): string {
  return done === 0 ? '' : `, about ${formatDuration(Math.max((elapsedMs / done) * total - elapsedMs, 0))} left`;
}

function reportBuild({ onProgress, settings }: TrialContext, line: string): void {
  onProgress({
    phase: /^(building|built|pulling)\b/.test(line) ? line : 'preparing',
    step: line,
    done: 0,
    total: settings.launches,
    failures: 0,
  });
}

function outcome(records: readonly SideRecord[], failedLaunches: readonly FailedLaunch[], settings: Settings): TrialOutcome {
  const sides = records.map((record) => record.compared());
  const [baseline] = sides;
  return {
    result: {
      seed: settings.seed,
      margin: settings.margin,
      launches: baseline?.launches.length ?? 0,
      failedLaunches,
      sides,
      comparisons: compareSides(sides, settings.margin, settings.gate),
      differingPackages: sides
        .slice(1)
        .flatMap(({ packages }) => (baseline === undefined ? [] : packageDifferences(baseline.packages, packages))),
    },
    latencies: new Map(records.map((record) => [record.side.name, record.latencies])),
    failures: new Map(records.map((record) => [record.side.name, record.failures])),
  };
}

/** What the launches of one side have given so far. */
class SideRecord {
  readonly side: TrialSide;
  readonly latencies: Float64Array[] = [];
  readonly failures: FailureCount[] = [];
  readonly #launches: LaunchValues[] = [];
  #proxy: Pick<StartedProxy, 'version' | 'revision' | 'freeze'> = { version: 'unknown', revision: 'unknown', freeze: [] };

  constructor(side: TrialSide) {
    this.side = side;
  }

  add(launch: number, proxy: StartedProxy, { metrics, failures, latencies }: Measured): void {
    this.#launches.push({ launch, metrics });
    this.#proxy = proxy;
    this.failures.push(...failures);
    this.latencies.push(latencies);
  }

  compared(): ComparedSide {
    const { version, revision, freeze } = this.#proxy;
    return {
      name: this.side.name,
      target: this.side.target,
      version,
      revision,
      packages: freeze,
      metrics: overLaunches(this.#launches),
      launches: this.#launches,
    };
  }
}
