import type { GatewayOptions, LoggedRequest } from '../../fixtures/gateway/options.ts';
import { readRequestLog, startGateway } from '../../fixtures/gateway/started-gateway.ts';
import { median, percentile } from '../stats/percentile.ts';
import { withMock } from './mock-load.ts';
import { runTool, type Tool, type ToolJob } from './tools/tool.ts';

/** A gateway whose latencies are known, since it keeps them itself. */
export interface AccuracyCase {
  readonly title: string;
  readonly gateway: Partial<GatewayOptions>;
  readonly seconds: number;
  readonly turns: number;
  /** Latency begins when a request was due, not when it arrived: what a stall costs those who would have come meanwhile. */
  readonly fromDue: boolean;
}

/** What a tool said, and by how much it was off; medians of all turns. */
export interface Accuracy {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p50ErrorMs: number;
  readonly p99ErrorMs: number;
}

export interface InstalledTool {
  readonly tool: Tool;
  readonly command: string;
}

export const RATE = 100;
const CONNECTIONS = 300;
/** Keeps about the same rate at 50 ms, for a tool that knows none. */
export const RATELESS_CONNECTIONS = 5;
/** A schedule is dated by its most punctual requests; the very first ones may be luck. */
const PUNCTUAL_PERCENTILE = 10;

/** Each tool in turn on a gateway of its own; a string says why it gave nothing. */
export async function accuracyOf(installed: readonly InstalledTool[], which: AccuracyCase): Promise<Map<string, Accuracy | string>> {
  const runs = new Map<string, (Accuracy | string)[]>(installed.map(({ tool }) => [tool.name, []]));
  await withMock({}, async (upstreamUrl) => {
    for (let turn = 0; turn < which.turns; turn += 1) {
      for (const one of turn % 2 === 0 ? installed : installed.toReversed()) {
        process.stderr.write(`litellm-perf: ${which.title}, ${one.tool.name}, turn ${turn + 1} of ${which.turns}\n`);
        runs.get(one.tool.name)?.push(await measure(one, which, upstreamUrl).catch((error: unknown) => (error as Error).message));
      }
    }
  });
  return new Map([...runs].map(([name, outcomes]) => [name, medians(outcomes)]));
}

async function measure({ tool, command }: InstalledTool, which: AccuracyCase, upstreamUrl: string): Promise<Accuracy> {
  await using gateway = await startGateway({ upstreamUrl, ...which.gateway, logRequests: true });
  const job: ToolJob = tool.keepsRate
    ? { baseUrl: gateway.baseUrl, seconds: which.seconds, connections: CONNECTIONS, rate: RATE }
    : { baseUrl: gateway.baseUrl, seconds: which.seconds, connections: RATELESS_CONNECTIONS };
  const { requests, p50Ms, p99Ms } = await runTool(tool, command, job);
  // Without a rate nothing was due: such a tool waits with the gateway, and does not see what a stall costs.
  if (which.fromDue && !tool.keepsRate) return { p50Ms, p99Ms, p50ErrorMs: Number.NaN, p99ErrorMs: Number.NaN };
  const truth = latenciesOf((await readRequestLog(gateway.baseUrl)).slice(-requests), which.fromDue);
  return { p50Ms, p99Ms, p50ErrorMs: p50Ms - percentile(truth, 50), p99ErrorMs: p99Ms - percentile(truth, 99) };
}

/** Ascending. */
export function latenciesOf(log: readonly LoggedRequest[], fromDue: boolean): Float64Array {
  const periodMs = 1000 / RATE;
  const starts = Float64Array.from(log, ({ arrivedMs }, index) => arrivedMs - index * periodMs).sort();
  const startedMs = percentile(starts, PUNCTUAL_PERCENTILE);
  return Float64Array.from(
    log,
    ({ arrivedMs, repliedMs }, index) => repliedMs - (fromDue ? startedMs + index * periodMs : arrivedMs),
  ).sort();
}

function medians(outcomes: readonly (Accuracy | string)[]): Accuracy | string {
  const runs = outcomes.filter((run) => typeof run !== 'string');
  if (runs.length === 0) return outcomes.find((run) => typeof run === 'string') ?? 'no run';
  const of = (key: keyof Accuracy): number => median(runs.map((run) => run[key]));
  return { p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), p50ErrorMs: of('p50ErrorMs'), p99ErrorMs: of('p99ErrorMs') };
}
