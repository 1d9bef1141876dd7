import { median } from '../stats/percentile.ts';
import { STALL_MS } from './observe.ts';
import type { Warning } from './result.ts';
import type { Consumption } from './resources.ts';
import type { SideRounds } from './rounds.ts';

/** What the mock says it received during the measurement; undefined for a foreign provider. */
export interface Received {
  readonly expected: number;
  readonly received: number | undefined;
}

const CLIENT_CORE_SHARE = 0.8;
const LOOP_LAG_MS = 2;
const CEILING_FACTOR = 3;
const OTHER_WORK_CORES = 0.25;
const REACHED_SHARE = 0.98;
const PACING_MS = 1;
const BUFFERED_SHARE = 0.5;
/** A mock without pacing now and then pauses between two events; a few such pairs say nothing about the way. */
const FEWEST_PAIRS = 50;

/** The reasons not to believe these numbers as they stand. */
export function guard(results: readonly SideRounds[], received: Received, stampsExpected: boolean, clientThreads = 1): Warning[] {
  const through = results.filter(({ side }) => side.load.usage !== undefined);
  const consumptions = through.flatMap(({ rounds }) => rounds.map(({ consumption }) => consumption));
  return [
    ...failures(results),
    ...openLoops(results),
    ...clientBusy(consumptions, clientThreads),
    ...loopLag(consumptions),
    ...lowCeiling(results),
    ...otherWork(consumptions),
    ...lostRequests(received),
    ...streams(results),
    ...(stampsExpected ? missingStamps(results) : []),
    ...tooFewRounds(results),
  ];
}

function failures(results: readonly SideRounds[]): Warning[] {
  return results.flatMap(({ side, pooled, warmedUp }) => {
    const warmUp: Warning[] =
      warmedUp.failures.total === 0
        ? []
        : [{ code: 'warmup_failures', message: `${side.name}: ${warmedUp.failures.total} of ${warmedUp.sent} warm-up requests failed` }];
    if (pooled.failures.total === 0) return warmUp;
    const kinds = pooled.failures
      .list()
      .map(({ kind, count }) => `${count} ${kind}`)
      .join(', ');
    return [
      ...warmUp,
      {
        code: 'failures',
        message: `${side.name}: ${pooled.failures.total} of ${pooled.sent} requests failed (${kinds}); the times are those of the others`,
      },
    ];
  });
}

/** A rate that was not reached, and requests that were not sent on time. */
function openLoops(results: readonly SideRounds[]): Warning[] {
  return results.flatMap(({ side, rounds, pooled }) => {
    const { open } = side.load;
    if (open === undefined) return [];
    const warnings: Warning[] = [];
    const total = (key: 'completed' | 'due' | 'notSent' | 'wallMs'): number => rounds.reduce((sum, round) => sum + round[key], 0);
    const [reached, notSent] = [total('completed') / total('due'), total('notSent')];
    if (reached < REACHED_SHARE) {
      const perSecond = (total('completed') / total('wallMs')) * 1000;
      warnings.push({
        code: 'rate_not_reached',
        message: `${side.name}: ${perSecond.toFixed(1)}/s of the ${open.rate}/s wanted were reached (${percent(reached)}): latencies grow for as long as it lasts`,
      });
    }
    if (notSent > 0)
      warnings.push({
        code: 'not_sent',
        message: `${side.name}: ${notSent} of ${total('due')} requests could not be sent before the end, and are in no latency`,
      });
    const lateMs = pooled.wants('pacing_error') ? pooled.of('pacing_error').percentile(99) : 0;
    if (notSent === 0 && lateMs > PACING_MS)
      warnings.push({
        code: 'pacing',
        message: `${side.name}: requests were sent up to ${lateMs.toFixed(1)} ms late (p99): the machine has too little CPU to spare for the client`,
      });
    return warnings;
  });
}

function clientBusy(consumptions: readonly Consumption[], clientThreads: number): Warning[] {
  const share = sum(consumptions, 'clientCpuMs') / sum(consumptions, 'wallMs') / clientThreads;
  if (!(share > CLIENT_CORE_SHARE)) return [];
  return [
    {
      code: 'client_busy',
      message: `the client used ${percent(share)} of ${clientThreads === 1 ? 'a core' : `${clientThreads} cores`}: its own work is in the latencies. Lower --concurrency or raise --client-threads`,
    },
  ];
}

/** The median of the rounds: a round is short, so that its p99 is nearly its longest pause, and one collection of garbage says little. */
function loopLag(consumptions: readonly Consumption[]): Warning[] {
  const lags = [
    { code: 'client_lag', who: 'the client', lagMs: median(consumptions.map(({ clientLagP99Ms }) => clientLagP99Ms)) },
    { code: 'provider_lag', who: 'the mock', lagMs: median(consumptions.map(({ providerLagP99Ms }) => providerLagP99Ms)) },
  ];
  return lags
    .filter(({ lagMs }) => lagMs > LOOP_LAG_MS)
    .map(({ code, who, lagMs }) => ({
      code,
      message: `the event loop of ${who} was late by ${lagMs.toFixed(1)} ms (p99): the machine has too little CPU to spare for it`,
    }));
}

function lowCeiling(results: readonly SideRounds[]): Warning[] {
  const rate = (name: string): number => {
    const rounds = results.find(({ side }) => side.name === name)?.rounds ?? [];
    return rounds.reduce((total, { completed }) => total + completed, 0) / rounds.reduce((total, { wallMs }) => total + wallMs, 0);
  };
  if (results.some(({ side }) => side.load.open !== undefined)) return [];
  const factor = rate('direct') / rate('proxy');
  if (!(factor < CEILING_FACTOR)) return [];
  return [
    {
      code: 'low_ceiling',
      message: `client and mock alone reach only ${factor.toFixed(1)} times the proxy's rate: part of what is measured is theirs. Raise --client-threads and --provider-threads`,
    },
  ];
}

function otherWork(consumptions: readonly Consumption[]): Warning[] {
  const cores = sum(consumptions, 'otherCpuMs') / sum(consumptions, 'wallMs');
  if (!(cores > OTHER_WORK_CORES)) return [];
  return [
    {
      code: 'machine_busy',
      message: `other work took ${cores.toFixed(2)} of a core meanwhile: the times are higher than the proxy's own. Measure on an idle machine`,
    },
  ];
}

function lostRequests({ expected, received }: Received): Warning[] {
  if (received === undefined || received === expected) return [];
  return [
    {
      code: 'request_count',
      message: `${expected} requests were sent and ${received} reached the mock: the proxy ${received > expected ? 'retried or made its own' : 'answered some by itself'}`,
    },
  ];
}

function missingStamps(results: readonly SideRounds[]): Warning[] {
  return results
    .filter(({ pooled }) => pooled.unstamped > 0)
    .map(({ side, pooled }) => ({
      code: 'missing_stamps',
      message: `${side.name}: ${pooled.unstamped} of ${pooled.succeeded} replies carried no stamp of the mock: the overhead is that of the others`,
    }));
}

/** What a proxy did to streams beside being slow. */
function streams(results: readonly SideRounds[]): Warning[] {
  return results.flatMap(({ side, pooled }) => {
    const warnings: Warning[] = [];
    const together = pooled.together / pooled.apart;
    if (pooled.apart >= FEWEST_PAIRS && together > BUFFERED_SHARE)
      warnings.push({
        code: 'buffered_streams',
        message: `${side.name}: streams are held back: ${percent(together)} of the events that the mock sent apart arrived together`,
      });
    if (pooled.stalled > 0)
      warnings.push({
        code: 'stalls',
        message: `${side.name}: ${pooled.stalled} of ${pooled.succeeded} streams stood still for more than ${STALL_MS} ms beyond what the mock made`,
      });
    return warnings;
  });
}

function tooFewRounds(results: readonly SideRounds[]): Warning[] {
  const rounds = results[0]?.rounds.length ?? 0;
  return rounds >= 3
    ? []
    : [{ code: 'few_rounds', message: `${rounds === 1 ? '1 round gives' : `${rounds} rounds give`} no interval: use --rounds 3 or more` }];
}

function sum(consumptions: readonly Consumption[], key: 'clientCpuMs' | 'wallMs' | 'otherCpuMs'): number {
  return consumptions.reduce((total, consumption) => total + consumption[key], 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
