import type { Machine } from '../../fixtures/process/machine.ts';
import type { LoadDetails, LoadResult, Metric, Metrics, SideResult, Warning } from '../load/result.ts';
import type { RunContext } from '../run-context.ts';
import { SETTING_NAMES, type Settings } from '../settings.ts';

/** Changes when a reader of the JSON would have to change. */
export const SCHEMA = 'litellm-perf/1';

/** A whole run, as it is known so far. */
export interface RunResult {
  readonly schema: typeof SCHEMA;
  readonly label: string;
  readonly revision: string;
  readonly target: string;
  readonly version: string;
  /** Set until the last bench file is over: something may be missing. */
  readonly partial: boolean;
  /** Why the run was broken off; null when it was not. */
  readonly broken: string | null;
  readonly startedAt: string;
  readonly runFolder: string;
  readonly proxyLogPath: string | null;
  readonly environment: Environment;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the pass whose proxy non-stream p50 is the median. */
  readonly metrics: Metrics;
  readonly sides: readonly SideResult[];
  readonly warnings: readonly Warning[];
  readonly unavailable: Readonly<Record<string, string>>;
  readonly passes: readonly PassResult[];
  readonly details: LoadDetails;
}

export interface PassResult {
  readonly pass: number;
  readonly metrics: Metrics;
}

export interface Environment extends Machine {
  /** `pip freeze` of the proxy's environment. */
  readonly packages: readonly string[];
}

const NEVER_STORED = new Set<keyof Settings>(['apiKey', 'providerApiKey']);

/** Puts the results of all bench tests so far together; the median pass stands for the run. */
export function assemble(context: RunContext, results: readonly LoadResult[], partial: boolean): RunResult {
  const passes = passResults(results);
  const chosen = medianPass(passes);
  const ofPass = results.filter(({ pass }) => pass === chosen?.pass);
  return {
    schema: SCHEMA,
    label: context.settings.label,
    revision: context.proxy?.revision ?? 'unknown',
    target: context.proxy?.target ?? context.settings.target.map(({ spec }) => spec).join(', '),
    version: context.proxy?.version ?? 'unknown',
    partial,
    broken: context.broken ?? null,
    startedAt: context.startedAt.toISOString(),
    runFolder: context.runFolder,
    proxyLogPath: context.proxy?.logPath ?? null,
    environment: { ...context.machine, packages: context.proxy?.freeze ?? [] },
    settings: storedSettings(context.settings),
    metrics: chosen?.metrics ?? {},
    sides: ofPass.flatMap(({ sides }) => sides),
    warnings: [...context.warnings, ...titledWarnings(ofPass)],
    unavailable: Object.assign({}, ...ofPass.map(({ unavailable }) => unavailable)) as Record<string, string>,
    passes,
    details: Object.assign({}, ...ofPass.map(({ details }) => details)) as LoadDetails,
  };
}

export function metricValue(metrics: Metrics, name: string): number | null {
  return metrics[name]?.value ?? null;
}

/** The change that a client sees: proxy percentile less direct percentile. Under load most of it is queueing. */
export function observedDifference(metrics: Metrics, proxy: string, direct: string): number | null {
  const [through, beside]: (Metric | undefined)[] = [metrics[proxy], metrics[direct]];
  return through === undefined || beside === undefined ? null : through.value - beside.value;
}

function passResults(results: readonly LoadResult[]): PassResult[] {
  return [...Map.groupBy(results, ({ pass }) => pass)]
    .sort(([one], [other]) => one - other)
    .map(([pass, ofPass]) => ({ pass, metrics: Object.assign({}, ...ofPass.map(({ metrics }) => metrics)) as Metrics }));
}

/** As the original tool picks it: sorted by proxy p50, the one in the middle, the upper one of two. */
function medianPass(passes: readonly PassResult[]): PassResult | undefined {
  const p50 = ({ metrics }: PassResult): number => metrics['proxy.p50_ms']?.value ?? Number.POSITIVE_INFINITY;
  const measured = passes.filter((pass) => Number.isFinite(p50(pass)));
  const sorted = (measured.length > 0 ? measured : passes).toSorted((one, other) => p50(one) - p50(other) || one.pass - other.pass);
  return sorted[Math.floor(sorted.length / 2)];
}

function titledWarnings(results: readonly LoadResult[]): Warning[] {
  return results.flatMap(({ title, warnings }) => warnings.map(({ code, message }) => ({ code, message: `${title}: ${message}` })));
}

/** Without keys, and without the values of environment variables, which may be secrets too. */
function storedSettings(settings: Settings): Record<string, unknown> {
  const stored = SETTING_NAMES.filter((name) => !NEVER_STORED.has(name) && settings[name] !== undefined);
  const plain: Record<string, unknown> = Object.fromEntries(stored.map((name) => [name, settings[name]]));
  return {
    ...plain,
    target: settings.target.map(({ name, spec }) => (name === spec ? spec : `${name}=${spec}`)),
    budgets: settings.budgets.map(({ text }) => text),
    env: settings.env.map((addition) => addition.split('=', 1)[0]),
  };
}
