import { type BenchmarkGroup, type BenchResult, inject, recordArtifact, type TestArtifact } from 'vitest';
import { monotonicMs } from '../../fixtures/clock.ts';
import { benchResult } from '../load/bench-result.ts';
import { progressSender } from '../load/progress.ts';
import type { LoadResult, Warning } from '../load/result.ts';
import { Column } from '../stats/distribution.ts';
import { runTrial, type TrialOutcome, type TrialSide } from './trial.ts';
import type { MetricChange } from './comparison.ts';

declare module 'tinybench' {
  interface FnOptions {
    /** The side of a trial: the benchmark's function starts its proxy. */
    trial?: { readonly target: string };
  }
  interface TaskResultCompleted {
    /** Against the baseline; empty for the baseline itself. */
    changes?: readonly MetricChange[];
  }
}

/** A result before its test is over, so that an interrupted trial is not lost. */
export interface PartialArtifact {
  readonly type: 'litellm-perf:partial';
  readonly load: LoadResult;
}

declare module 'vitest' {
  interface TestArtifactRegistry {
    'litellm-perf:partial': PartialArtifact;
  }
}

/** Runs the registered benchmarks as the sides of a trial, the first being the baseline. */
export async function provideTrial(group: BenchmarkGroup): Promise<BenchResult[]> {
  const world = inject('world');
  const sides = group.registrations.map(({ name, fn, fnOpts }) => ({
    name,
    target: fnOpts?.trial?.target ?? name,
    launch: fn as TrialSide['launch'],
  }));
  const outcome = await runTrial(sides, {
    settings: inject('settings'),
    apiKey: world.apiKey,
    providerUrl: world.providerUrl,
    now: monotonicMs,
    signal: group.test.context.signal,
    onProgress: progressSender(group.test, group.test.name),
    onLaunch: (sofar) => {
      const artifact: PartialArtifact = { type: 'litellm-perf:partial', load: toLoadResult(group, sofar) };
      recordArtifact(group.test, artifact as TestArtifact).catch(() => {});
    },
  });
  const load = toLoadResult(group, outcome);
  group.test.meta.load = load;
  refuseEmpty(outcome);
  return Promise.all(outcome.result.sides.map(({ name, metrics }) => toBenchResult(name, metrics, outcome, load.warnings)));
}

/** The metrics of the whole are the candidate's: it is what is tested. */
function toLoadResult(group: BenchmarkGroup, { result, failures }: TrialOutcome): LoadResult {
  return {
    title: group.test.name,
    pass: inject('pass'),
    metrics: result.sides[1]?.metrics ?? {},
    sides: result.sides.map(({ name, metrics }) => ({
      name,
      group: name,
      sent: metrics['proxy.requests']?.n ?? 0,
      failures: failures.get(name) ?? [],
    })),
    warnings: warningsOf(result),
    unavailable: {},
    ...(result.launches === 0 && { broken: emptyMessage(result) }),
    details: { trial: result },
  };
}

function warningsOf({ failedLaunches, differingPackages, launches, sides }: TrialOutcome['result']): Warning[] {
  const failed = failedLaunches.map(({ launch, side, message }) => ({
    code: 'failed_launch',
    message: `launch ${launch} of ${side} failed and is left out: ${message.split('\n', 1)[0]}`,
  }));
  const few =
    launches < 3
      ? [{ code: 'few_launches', message: `${launches} launches are too few for a verdict: use --launches 3 or more, 7 by default` }]
      : [];
  const unequal =
    differingPackages.length === 0
      ? []
      : [
          {
            code: 'packages_differ',
            message: `the sides differ in ${differingPackages.length} packages beside LiteLLM, which may be the cause of a change (--constraints FILE pins them): ${differingPackages.slice(0, 8).join(', ')}${differingPackages.length > 8 ? ', ...' : ''}`,
          },
        ];
  const failures = sides.flatMap(({ name, metrics }) => {
    const count = ['unloaded', 'proxy', 'stream'].reduce((sum, load) => sum + (metrics[`${load}.failures`]?.value ?? 0), 0);
    return count === 0 ? [] : [{ code: 'failures', message: `${name}: ${count} requests failed; the times are those of the others` }];
  });
  return [...failed, ...failures, ...(launches === 0 ? [] : few), ...unequal];
}

function refuseEmpty({ result }: TrialOutcome): void {
  if (result.launches === 0) throw new Error(emptyMessage(result));
}

function emptyMessage({ failedLaunches: [first] }: TrialOutcome['result']): string {
  return `no launch gave a measurement; the first failure, of ${first?.side}: ${first?.message}`;
}

async function toBenchResult(
  name: string,
  metrics: LoadResult['metrics'],
  { result, latencies }: TrialOutcome,
  warnings: readonly Warning[],
): Promise<BenchResult> {
  const pooled = new Column();
  for (const launch of latencies.get(name) ?? []) for (const latencyMs of launch) pooled.record(latencyMs);
  const changes = result.comparisons.find(({ candidate }) => candidate === name)?.changes ?? [];
  return { ...(await benchResult(name, pooled, metrics['proxy.rps']?.value ?? Number.NaN, metrics)), changes, warnings };
}
