import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Machine } from '../../fixtures/process/machine.ts';
import type { Metrics } from '../load/result.ts';
import { type SettingName, SETTING_NAMES, type Settings, SettingsError } from '../settings.ts';
import { probeSchema } from './probe.ts';

const metricSchema = z.object({
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  n: z.number(),
  rounds: z.number(),
  launches: z.number(),
});

const baselineSchema = z.object({
  schema: z.literal('litellm-perf-baseline/1'),
  savedAt: z.string(),
  label: z.string(),
  target: z.string(),
  version: z.string(),
  revision: z.string(),
  machine: z.object({ os: z.string(), kernel: z.string(), cpu: z.string(), cores: z.number(), memoryMib: z.number(), node: z.string() }),
  /** What was asked of the proxy, as text, by the name of the setting. */
  workload: z.record(z.string(), z.string()),
  probe: probeSchema,
  metrics: z.record(z.string(), metricSchema),
});

/** A kept result to compare later ones with. */
export type Baseline = z.output<typeof baselineSchema>;

/** Settings that say what is measured, not how it is called or where it goes. */
const NO_WORKLOAD = new Set<SettingName>([
  'label',
  'repeats',
  'seed',
  'strict',
  'budgets',
  'target',
  'litellmDir',
  'proxyCommand',
  'startProxy',
  'proxyHost',
  'proxyPort',
  'apiKey',
  'providerApiKey',
  'proxyStartTimeout',
  'constraints',
  'cacheDir',
  'pull',
  'providerHost',
  'providerPort',
  'launches',
  'margin',
  'gate',
  'saveBaseline',
  'baseline',
  'allowMismatch',
  'outputJson',
  'outputMarkdown',
  'export',
  'env',
]);

/** The workload of a run, in a form that can be kept and compared. */
export function workloadOf(settings: Settings): Record<string, string> {
  const names = SETTING_NAMES.filter((name) => !NO_WORKLOAD.has(name) && settings[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, JSON.stringify(settings[name])]));
}

/** @throws SettingsError when the file cannot be read or is no baseline of ours */
export function readBaseline(path: string): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingsError(`--baseline ${path}: ${(error as Error).message}. --save-baseline FILE makes one`, { cause: error });
  }
  const result = baselineSchema.safeParse(content);
  if (result.success) return result.data;
  throw new SettingsError(
    `--baseline ${path}: expected a file that --save-baseline made (${result.error.issues[0]?.path.join('.')}: ${result.error.issues[0]?.message})`,
  );
}

export function makeBaseline(run: Omit<Baseline, 'schema' | 'savedAt' | 'metrics'> & { readonly metrics: Metrics }): Baseline {
  const metrics = Object.fromEntries(
    Object.entries(run.metrics).map(([name, metric]) => [
      name,
      { ...metric, interval: metric.interval === null ? null : ([...metric.interval] as [number, number]) },
    ]),
  );
  return { schema: 'litellm-perf-baseline/1', savedAt: new Date().toISOString(), ...run, metrics };
}

/** Every difference that makes two results no comparison, a line each. */
export function mismatches(
  baseline: Baseline,
  now: { readonly machine: Machine; readonly workload: Readonly<Record<string, string>> },
): string[] {
  const machine = (['os', 'kernel', 'cpu', 'cores', 'node'] as const).map((key) =>
    difference(key, baseline.machine[key], now.machine[key]),
  );
  const names = new Set([...Object.keys(baseline.workload), ...Object.keys(now.workload)]);
  const workload = [...names].map((name) => difference(name, baseline.workload[name] ?? 'not set', now.workload[name] ?? 'not set'));
  return [...machine, ...workload].filter((line) => line !== undefined);
}

function difference(name: string, before: string | number, after: string | number): string | undefined {
  return before === after ? undefined : `${name}: ${before} in the baseline, ${after} now`;
}
