import { monotonicMs } from '../../fixtures/clock.ts';
import { startGateway } from '../../fixtures/gateway/started-gateway.ts';
import { treeUsage } from '../../fixtures/process/usage.ts';
import { DEFAULT_PROVIDER_OPTIONS } from '../../fixtures/provider/options.ts';
import { startProvider } from '../../fixtures/provider/started-provider.ts';
import type { StartedProxy } from '../../fixtures/proxy/started-proxy.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import type { Comparison } from '../trial/comparison.ts';
import type { LaunchPlan } from '../trial/measure-launch.ts';
import { runTrial } from '../trial/trial.ts';
import type { SelfResult } from './self-trial.ts';

const TRIALS = 20;
const SLOWER_BY = 0.05;
/** Of one launch; two launches then differ by 3.1 %, as real ones do. */
const LAUNCH_SD = 0.022;
const SERVICE_MS = 4;
const PLAN: LaunchPlan = { unloadedRounds: 2, blocks: 3, blockRequests: 30, blockStreams: 15 };
const FALSE_ALARMS_GOAL = 1;
const FOUND_GOAL = 16;

/** Whether verdicts can be trusted: identical gateways, and one that is 5 % slower, each launch with luck of its own. */
export async function trust(): Promise<SelfResult> {
  await using provider = await startProvider({ ...DEFAULT_PROVIDER_OPTIONS, contentEvents: 5 });
  const settings: Settings = { ...resolveSettings({}), overheadRequests: 120 };
  const floorMs = await floorOf(settings, provider.baseUrl);
  const slowMs = SERVICE_MS + SLOWER_BY * (SERVICE_MS + floorMs);
  const same = await trials(settings, provider.baseUrl, SERVICE_MS, 1000);
  const slower = await trials(settings, provider.baseUrl, slowMs, 5000);
  const alarms = same.filter(isBroken).length;
  const found = slower.filter((comparison) => verdictOf(comparison) === 'slower').length;
  return {
    title: `verdicts, ${TRIALS} + ${TRIALS} trials of ${settings.launches} launch pairs, launches differ by ${(LAUNCH_SD * 100).toFixed(1)} % each`,
    goals: [
      {
        what: 'false alarms of the gate, identical sides',
        measured: `${alarms} of ${TRIALS}`,
        goal: `<= ${FALSE_ALARMS_GOAL}`,
        met: alarms <= FALSE_ALARMS_GOAL,
      },
      {
        what: 'overhead found slower, 5 % injected',
        measured: `${found} of ${TRIALS}`,
        goal: `>= ${FOUND_GOAL}`,
        met: found >= FOUND_GOAL,
      },
    ],
    tables: [
      {
        head: ['trials', 'overhead: slower', 'faster', 'same', 'undecided', 'gate broken', 'mean change'],
        rows: [row('identical sides', same), row(`${SLOWER_BY * 100} % slower`, slower)],
      },
    ],
    notes: [
      `gateway of ${SERVICE_MS} ms with a floor of ${floorMs.toFixed(2)} ms; the gate is all of ${settings.gate.join(', ')}, after Holm`,
    ],
  };
}

async function trials(settings: Settings, providerUrl: string, candidateMs: number, seed: number): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (let trial = 0; trial < TRIALS; trial += 1) {
    let launches = seed + trial * 100;
    const side = (name: string, serviceMs: number) => ({
      name,
      target: 'gateway',
      launch: () => launchGateway(providerUrl, serviceMs, (launches += 1)),
    });
    const { result } = await runTrial(
      [side('baseline', SERVICE_MS), side('candidate', candidateMs)],
      context({ ...settings, seed: seed + trial }, providerUrl),
    );
    const [comparison] = result.comparisons;
    if (comparison === undefined) throw new Error(`trial ${trial} gave no comparison: ${result.failedLaunches[0]?.message}`);
    comparisons.push(comparison);
    process.stderr.write(
      `litellm-perf: trust, trial ${trial + 1} of ${TRIALS}: overhead ${verdictOf(comparison)}${isBroken(comparison) ? ', gate broken' : ''}\n`,
    );
  }
  return comparisons;
}

/** What the gateway adds without any delay, so that the injected change is a share of the whole overhead. */
async function floorOf(settings: Settings, providerUrl: string): Promise<number> {
  const side = (name: string) => ({ name, target: 'gateway', launch: () => launchGateway(providerUrl, 0, 1) });
  const { result } = await runTrial([side('one'), side('other')], context({ ...settings, launches: 1 }, providerUrl));
  return result.sides[0]?.metrics['overhead.p50_ms']?.value ?? 0;
}

function context(settings: Settings, providerUrl: string): Parameters<typeof runTrial>[1] {
  return {
    settings,
    providerUrl,
    apiKey: 'none',
    plan: PLAN,
    now: monotonicMs,
    signal: new AbortController().signal,
    onProgress: () => {},
    onLaunch: () => {},
  };
}

async function launchGateway(upstreamUrl: string, serviceMs: number, seed: number): Promise<StartedProxy> {
  const gateway = await startGateway({ upstreamUrl, serviceMs, launchFactorSd: LAUNCH_SD, seed });
  return {
    baseUrl: gateway.baseUrl,
    version: 'gateway',
    revision: 'gateway',
    freeze: [],
    logPath: undefined,
    pid: gateway.pid,
    exited: gateway.exited.then(() => ({ code: null, signal: null })),
    usage: () => treeUsage(gateway.pid),
    stop: () => gateway.stop(),
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

function verdictOf({ changes }: Comparison): string {
  return changes.find(({ metric }) => metric === 'overhead.p50_ms')?.verdict ?? 'undecided';
}

function isBroken({ changes }: Comparison): boolean {
  return changes.some(({ broken }) => broken);
}

function row(label: string, comparisons: readonly Comparison[]): string[] {
  const count = (verdict: string): string => String(comparisons.filter((comparison) => verdictOf(comparison) === verdict).length);
  const changes = comparisons.map(({ changes: all }) => all.find(({ metric }) => metric === 'overhead.p50_ms')?.change ?? 0);
  const meanChange = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  return [
    label,
    count('slower'),
    count('faster'),
    count('same'),
    count('undecided'),
    String(comparisons.filter(isBroken).length),
    `${(meanChange * 100).toFixed(1)} %`,
  ];
}
