import { median } from '../stats/percentile.ts';
import { withMock } from './mock-load.ts';
import { type Accuracy, type AccuracyCase, accuracyOf, type InstalledTool, RATE, RATELESS_CONNECTIONS } from './rival-accuracy.ts';
import type { Goal, SelfResult } from './self-trial.ts';
import { autocannon } from './tools/autocannon.ts';
import { k6 } from './tools/k6.ts';
import { oha } from './tools/oha.ts';
import { ours } from './tools/ours.ts';
import { runTool, type Tool, type ToolJob, type ToolRun } from './tools/tool.ts';
import { wrk } from './tools/wrk.ts';

const TOOLS: readonly Tool[] = [ours, wrk, oha, k6, autocannon];
const TURNS = 3;
const SPEED: Omit<ToolJob, 'baseUrl'> = { seconds: 6, connections: 100 };
const STALL_MS = 2000;
/** After the slowest tool has started, and well before the fastest has ended. */
const STALL_AT_MS = 4000;
const CASES: readonly AccuracyCase[] = [
  ...[10, 50].map((delayMs) => ({
    title: `${delayMs} ms`,
    gateway: { outboundMs: delayMs },
    seconds: 5,
    turns: TURNS,
    fromDue: false,
  })),
  { title: '2 s stall', gateway: { stallAtMs: STALL_AT_MS, stallForMs: STALL_MS }, seconds: 8, turns: TURNS, fromDue: true },
];

/** Our client beside the best load generators, in turns, against the same mock. */
export async function rivals(): Promise<SelfResult> {
  const { installed, missing } = await installAll();
  const speed = await withMock({}, (baseUrl) => inTurns(installed, { ...SPEED, baseUrl }));
  const accuracies: ReadonlyMap<string, Accuracy | string>[] = [];
  for (const which of CASES) accuracies.push(await accuracyOf(installed, which));
  const runOf = (name: string): ToolRun | string => speed.get(name) ?? 'not run';
  const accuracyOfTool = (name: string): (Accuracy | string)[] => accuracies.map((all) => all.get(name) ?? 'not run');
  return {
    title: 'beside the best',
    goals: goals(installed, runOf, accuracyOfTool),
    tables: [
      {
        head: ['tool', 'CPU a request', 'requests/s', ...CASES.flatMap(({ title }) => [`${title}: p50 (error)`, 'p99 (error)'])],
        rows: [
          ...installed.map(({ tool }) => row(tool, runOf(tool.name), accuracyOfTool(tool.name))),
          ...missing.map(({ name, reason }) => [name, `n/a: ${reason}`]),
        ],
      },
    ],
    notes: [
      `100 connections for ${SPEED.seconds} s, the median of ${TURNS} turns; CPU of the whole process, its start included; only ours reads each reply as JSON`,
      `delays and stall, in ms: ${RATE} requests a second (wrk knows no rate: ${RATELESS_CONNECTIONS} connections), medians of ${TURNS} turns; the error is against what the gateway itself took, from arrival, in the stall from when a request was due`,
    ],
  };
}

async function installAll(): Promise<{ installed: InstalledTool[]; missing: { name: string; reason: string }[] }> {
  const installed: InstalledTool[] = [];
  const missing: { name: string; reason: string }[] = [];
  for (const tool of TOOLS) {
    try {
      installed.push({ tool, command: await tool.install() });
    } catch (error) {
      missing.push({ name: tool.name, reason: (error as Error).message });
    }
  }
  return { installed, missing };
}

/** The median of all turns of each tool, or why there is none. */
async function inTurns(installed: readonly InstalledTool[], job: ToolJob): Promise<ReadonlyMap<string, ToolRun | string>> {
  const runs = new Map<string, (ToolRun | string)[]>(installed.map(({ tool }) => [tool.name, []]));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { tool, command } of turn % 2 === 0 ? installed : installed.toReversed()) {
      process.stderr.write(`litellm-perf: speed, ${tool.name}, turn ${turn + 1} of ${TURNS}\n`);
      runs.get(tool.name)?.push(await runTool(tool, command, job).catch((error: unknown) => (error as Error).message));
    }
  }
  return new Map([...runs].map(([name, outcomes]) => [name, medianRun(outcomes)]));
}

function medianRun(outcomes: readonly (ToolRun | string)[]): ToolRun | string {
  const runs = outcomes.filter((run) => typeof run !== 'string');
  if (runs.length === 0) return outcomes.find((run) => typeof run === 'string') ?? 'no run';
  const of = (key: keyof ToolRun): number => median(runs.map((run) => run[key]));
  return { requests: of('requests'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuUs: of('cpuUs'), perSecond: of('perSecond') };
}

function row({ name, version }: Tool, speed: ToolRun | string, accuracies: readonly (Accuracy | string)[]): string[] {
  const error = (ms: number): string => (Number.isNaN(ms) ? 'no rate' : `${ms < 0 ? '' : '+'}${ms.toFixed(2)}`);
  const ms = (value: number, errorMs: number): string => `${value.toFixed(2)} (${error(errorMs)})`;
  return [
    `${name} ${version}`,
    ...(typeof speed === 'string' ? [speed, ''] : [`${speed.cpuUs.toFixed(1)} us`, speed.perSecond.toFixed(0)]),
    ...accuracies.flatMap((one) => (typeof one === 'string' ? [one, ''] : [ms(one.p50Ms, one.p50ErrorMs), ms(one.p99Ms, one.p99ErrorMs)])),
  ];
}

function goals(
  installed: readonly InstalledTool[],
  runOf: (name: string) => ToolRun | string,
  accuracyOfTool: (name: string) => readonly (Accuracy | string)[],
): Goal[] {
  const cpu = (name: string): number => {
    const run = runOf(name);
    return typeof run === 'string' ? Number.NaN : run.cpuUs;
  };
  const mine = cpu(ours.name);
  const has = ({ name }: Tool): boolean => installed.some(({ tool }) => tool.name === name);
  const beside = (tool: Tool, factor: number): Goal => ({
    what: `CPU a request, beside ${tool.name}`,
    measured: `${mine.toFixed(1)} us`,
    goal: factor === 1 ? `< ${cpu(tool.name).toFixed(1)} us` : `<= ${factor} x ${cpu(tool.name).toFixed(1)} us`,
    met: factor === 1 ? mine < cpu(tool.name) : mine <= factor * cpu(tool.name),
  });
  const worst = (name: string): number =>
    Math.max(
      ...accuracyOfTool(name).flatMap((one) =>
        typeof one === 'string' ? [Number.NaN] : [Math.abs(one.p50ErrorMs), Math.abs(one.p99ErrorMs)],
      ),
    );
  const others = installed.map(({ tool }) => tool).filter((tool) => tool !== ours && Number.isFinite(worst(tool.name)));
  const best = Math.min(...others.map(({ name }) => worst(name)));
  return [
    ...[autocannon, k6].filter(has).map((tool) => beside(tool, 1)),
    ...(has(oha) ? [beside(oha, 1.5)] : []),
    {
      what: 'largest error of a percentile',
      measured: `${worst(ours.name).toFixed(2)} ms`,
      goal: `<= ${best.toFixed(2)} ms, the best of the others`,
      met: worst(ours.name) <= best,
    },
  ];
}
