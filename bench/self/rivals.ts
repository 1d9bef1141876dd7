import { startGateway } from '../../fixtures/gateway/started-gateway.ts';
import type { ProviderOptions } from '../../fixtures/provider/options.ts';
import { median } from '../stats/percentile.ts';
import { withMock } from './mock-load.ts';
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
const ACCURACY: Omit<ToolJob, 'baseUrl'> = { seconds: 5, connections: 300, rate: 100 };
const STALL: Omit<ToolJob, 'baseUrl'> = { ...ACCURACY, seconds: 8 };
/** Keeps about the same rate at 50 ms, for a tool that knows none. */
const RATELESS_CONNECTIONS = 5;
const STALL_MS = 2000;
/** After the slowest tool has started, and well before the fastest has ended. */
const STALL_AT_MS = 4000;

interface Installed {
  readonly tool: Tool;
  readonly command: string;
}

/** A run of a tool, or why it gave none. */
type Outcome = ToolRun | string;

/** Our client beside the best load generators, in turns, against the same mock. */
export async function rivals(): Promise<SelfResult> {
  const { installed, missing } = await installAll();
  const speed = await withMock({}, (baseUrl) => inTurns(installed, () => ({ ...SPEED, baseUrl })));
  const short = await accuracy(installed, { firstTokenDelayMs: 10 });
  const long = await accuracy(installed, { firstTokenDelayMs: 50 });
  const stall = await stalled(installed);
  const cpu = (name: string): number => median((speed.get(name) ?? []).filter((run) => typeof run !== 'string').map(({ cpuUs }) => cpuUs));
  // A request due in the stall waits for its end: of those due in all seconds the worst hundredth waits at least this long.
  const stallP99Ms = STALL_MS - 0.01 * STALL.seconds * 1000;
  const errors = (name: string): number[] => [
    ...errorsOf(medianRun(short, name), 10),
    ...errorsOf(medianRun(long, name), 50),
    Math.abs((medianRun(stall, name)?.p99Ms ?? Number.NaN) - stallP99Ms),
  ];
  const rows = installed.map(({ tool }) => row(tool, { speed, short, long, stall }));
  return {
    title: 'beside the best',
    goals: goals(installed, cpu, errors),
    tables: [
      {
        head: ['tool', 'CPU a request', 'requests/s', 'at 10 ms: p50', 'p99', 'at 50 ms: p50', 'p99', `${STALL_MS / 1000} s stall: p99`],
        rows: [
          ...rows,
          ['truth', '', '', '10 ms', '10 ms', '50 ms', '50 ms', `${stallP99Ms.toFixed(0)} ms`],
          ...missing.map(({ name, reason }) => [name, `n/a: ${reason}`]),
        ],
      },
    ],
    notes: [
      `100 connections for ${SPEED.seconds} s, the median of ${TURNS} turns; CPU of the whole process, its start included; only ours reads each reply as JSON`,
      `delays (${ACCURACY.seconds} s, median of ${TURNS} turns) and stall (${STALL.seconds} s): ${ACCURACY.rate} requests a second, latency from when they were due where the tool can (wrk knows no rate: ${RATELESS_CONNECTIONS} connections)`,
    ],
  };
}

async function installAll(): Promise<{ installed: Installed[]; missing: { name: string; reason: string }[] }> {
  const installed: Installed[] = [];
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

async function inTurns(installed: readonly Installed[], job: () => ToolJob, turns = TURNS): Promise<Map<string, Outcome[]>> {
  const outcomes = new Map<string, Outcome[]>(installed.map(({ tool }) => [tool.name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { tool, command } of turn % 2 === 0 ? installed : installed.toReversed()) {
      process.stderr.write(`litellm-perf: ${tool.name}, turn ${turn + 1} of ${turns}\n`);
      outcomes.get(tool.name)?.push(await runTool(tool, command, fitting(tool, job())).catch((error: unknown) => (error as Error).message));
    }
  }
  return outcomes;
}

function fitting(tool: Tool, job: ToolJob): ToolJob {
  if (job.rate === undefined || tool.keepsRate) return job;
  const { rate: _rate, ...closed } = job;
  return { ...closed, connections: RATELESS_CONNECTIONS };
}

function accuracy(installed: readonly Installed[], options: Partial<ProviderOptions>): Promise<Map<string, Outcome[]>> {
  return withMock(options, (baseUrl) => inTurns(installed, () => ({ ...ACCURACY, baseUrl })));
}

/** Each tool meets a gateway of its own, which stands still once. */
async function stalled(installed: readonly Installed[]): Promise<Map<string, Outcome[]>> {
  return withMock({}, async (upstreamUrl) => {
    const outcomes = new Map<string, Outcome[]>();
    for (const one of installed) {
      await using gateway = await startGateway({ upstreamUrl, stallAtMs: STALL_AT_MS, stallForMs: STALL_MS });
      const of = await inTurns([one], () => ({ ...STALL, baseUrl: gateway.baseUrl }), 1);
      outcomes.set(one.tool.name, of.get(one.tool.name) ?? []);
    }
    return outcomes;
  });
}

function medianRun(
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  name: string,
): Pick<ToolRun, 'p50Ms' | 'p99Ms' | 'cpuUs' | 'perSecond'> | undefined {
  const runs = (outcomes.get(name) ?? []).filter((run) => typeof run !== 'string');
  if (runs.length === 0) return undefined;
  const of = (key: keyof ToolRun): number => median(runs.map((run) => run[key]));
  return { p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuUs: of('cpuUs'), perSecond: of('perSecond') };
}

function errorsOf(run: { p50Ms: number; p99Ms: number } | undefined, delayMs: number): number[] {
  return run === undefined ? [Number.NaN] : [Math.abs(run.p50Ms - delayMs), Math.abs(run.p99Ms - delayMs)];
}

function row(
  { name, version }: Tool,
  all: Record<'speed' | 'short' | 'long' | 'stall', ReadonlyMap<string, readonly Outcome[]>>,
): string[] {
  const ms = (value: number | undefined): string => (value === undefined ? 'failed' : `${value.toFixed(value < 100 ? 2 : 0)} ms`);
  const [speed, short, long, stall] = [
    medianRun(all.speed, name),
    medianRun(all.short, name),
    medianRun(all.long, name),
    medianRun(all.stall, name),
  ];
  return [
    `${name} ${version}`,
    speed === undefined ? String(all.speed.get(name)?.[0] ?? 'failed') : `${speed.cpuUs.toFixed(0)} us`,
    speed === undefined ? '' : speed.perSecond.toFixed(0),
    ms(short?.p50Ms),
    ms(short?.p99Ms),
    ms(long?.p50Ms),
    ms(long?.p99Ms),
    ms(stall?.p99Ms),
  ];
}

function goals(installed: readonly Installed[], cpu: (name: string) => number, errors: (name: string) => number[]): Goal[] {
  const has = (name: string): boolean => installed.some(({ tool }) => tool.name === name);
  const mine = cpu(ours.name);
  const against = [autocannon, k6]
    .filter(({ name }) => has(name))
    .map(({ name }) => ({
      what: `CPU a request, beside ${name}`,
      measured: `${mine.toFixed(0)} us`,
      goal: `< ${cpu(name).toFixed(0)} us`,
      met: mine < cpu(name),
    }));
  const nearOha = has(oha.name)
    ? [
        {
          what: 'CPU a request, beside oha',
          measured: `${mine.toFixed(0)} us`,
          goal: `<= 1.5 x ${cpu(oha.name).toFixed(0)} us`,
          met: mine <= 1.5 * cpu(oha.name),
        },
      ]
    : [];
  const worst = (name: string): number => Math.max(...errors(name));
  const others = installed
    .filter(({ tool }) => tool !== ours)
    .map(({ tool }) => worst(tool.name))
    .filter(Number.isFinite);
  const error: Goal = {
    what: 'largest error of a percentile',
    measured: `${worst(ours.name).toFixed(1)} ms`,
    goal: `<= ${Math.min(...others).toFixed(1)} ms, the best of the others`,
    met: worst(ours.name) <= Math.min(...others),
  };
  return [...against, ...nearOha, error];
}
