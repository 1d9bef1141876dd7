import { centredOn, tInterval } from '../stats/interval.ts';
import { mean, median } from '../stats/percentile.ts';
import type { Distribution } from '../stats/distribution.ts';
import type { Metric, Metrics } from './result.ts';
import type { Round, SideRounds } from './rounds.ts';
import type { Quantity, Samples } from './samples.ts';
import { ownQuantity } from './spec.ts';

const MIB = 2 ** 20;
const TIME_STATS: Readonly<Record<string, (distribution: Distribution) => number>> = {
  p50_ms: (distribution) => distribution.percentile(50),
  p95_ms: (distribution) => distribution.percentile(95),
  p99_ms: (distribution) => distribution.percentile(99),
  mean_ms: (distribution) => distribution.mean(),
};

/**
 * What stands for all rounds of a rate or of CPU time: all requests together, or the median round. The median leaves out a round in which Python
 * collected its garbage, 0.4 s each few thousand requests, where rounds are too short to hold their share of that.
 */
export type Centre = 'all' | 'median';

/** The metrics of one side: times by quantity, counts and rate under the name of its latency, and what it used. */
export function sideMetrics(result: SideRounds, centre: Centre = 'all'): Metrics {
  const metrics: Record<string, Metric> = {};
  const own = ownQuantity(result.side.load);
  for (const [quantity, group] of Object.entries(result.side.load.report) as [Quantity, string][]) {
    const pooled = result.pooled.of(quantity);
    if (pooled.n > 0) Object.assign(metrics, timeMetrics(group, quantity, pooled, result.rounds));
    if (quantity === own) Object.assign(metrics, countMetrics(group, result, centre));
    if (quantity === 'stall') metrics['stall.share'] = share(result, (samples) => [samples.stalled, samples.succeeded]);
    if (quantity === 'itl' && group === 'itl' && result.pooled.apart > 0) {
      metrics['coalesced.share'] = share(result, (samples) => [samples.together, samples.apart]);
    }
  }
  return { ...metrics, ...usageMetrics(result, centre) };
}

function timeMetrics(group: string, quantity: Quantity, pooled: Distribution, rounds: readonly Round[]): Metrics {
  const metrics: Record<string, Metric> = {};
  for (const [stat, of] of Object.entries(TIME_STATS)) {
    metrics[`${group}.${stat}`] = overRounds(
      of(pooled),
      pooled.n,
      rounds.map(({ samples }) => of(samples.of(quantity))),
    );
  }
  return metrics;
}

function countMetrics(group: string, { side, pooled, rounds }: SideRounds, centre: Centre): Metrics {
  const wallMs = rounds.reduce((sum, round) => sum + round.wallMs, 0);
  const completed = rounds.reduce((sum, round) => sum + round.completed, 0);
  const perSecond = (round: Round): number => (round.completed / round.wallMs) * 1000;
  const rates = rounds.map(perSecond);
  const value = centre === 'median' ? median(rates) : (completed / wallMs) * 1000;
  const rate = Number.isFinite(value) ? { [`${group}.rps`]: overRounds(value, completed, rates) } : {};
  return {
    ...rate,
    [`${group}.requests`]: exact(pooled.of(ownQuantity(side.load)).n, pooled.sent, rounds.length),
    [`${group}.failures`]: exact(pooled.failures.total, pooled.sent, rounds.length),
    [`${group}.failure_share`]: exact(pooled.failures.total / Math.max(pooled.sent, 1), pooled.sent, rounds.length),
    ...(side.load.open !== undefined && openMetrics(group, rounds)),
  };
}

/** How much of what was due was completed meanwhile, and what was not even sent. */
function openMetrics(group: string, rounds: readonly Round[]): Metrics {
  const [completed, due, notSent] = (['completed', 'due', 'notSent'] as const).map((key) =>
    rounds.reduce((sum, round) => sum + round[key], 0),
  ) as [number, number, number];
  const achieved = overRounds(
    completed / due,
    due,
    rounds.map((round) => round.completed / round.due),
  );
  return { ...(due > 0 && { [`${group}.achieved_share`]: achieved }), [`${group}.not_sent`]: exact(notSent, due, rounds.length) };
}

/** CPU a request, and memory. */
function usageMetrics({ side, rounds, pooled }: SideRounds, centre: Centre): Metrics {
  const { usage } = side.load;
  if (usage === undefined) return {};
  const metrics: Record<string, Metric> = {};
  const put = (name: string, of: (round: Round) => number, n = pooled.sent): void => {
    const values = rounds.map(of);
    if (values.length > 0 && values.every(Number.isFinite))
      metrics[name] = overRounds(centre === 'median' ? median(values) : mean(values), n, values);
  };
  const { group, per } = usage;
  put(`${group}.proxy_ms_per_${per}`, ({ consumption, ended }) => consumption.proxyCpuMs / ended);
  if (group === 'unloaded_cpu') return metrics;
  put(`cpu.client_ms_per_${per}`, ({ consumption, ended }) => consumption.clientCpuMs / ended);
  put(`cpu.provider_ms_per_${per}`, ({ consumption, ended }) => consumption.providerCpuMs / ended);
  if (pooled.events > 0) {
    const eventsOfStream = pooled.events / pooled.of(ownQuantity(side.load)).n;
    put('cpu.proxy_ms_per_event', ({ consumption, ended }) => consumption.proxyCpuMs / ended / eventsOfStream, pooled.events);
  }
  const first = rounds[0]?.consumption;
  const last = rounds.at(-1)?.consumption;
  if (first !== undefined && last !== undefined && per === 'request' && Number.isFinite(last.proxyPeakBytes)) {
    metrics['rss.proxy_start_mib'] = exact(first.proxyStartBytes / MIB, 1, rounds.length);
    metrics['rss.proxy_peak_mib'] = exact(Math.max(...rounds.map(({ consumption }) => consumption.proxyPeakBytes)) / MIB, 1, rounds.length);
    metrics['rss.proxy_after_mib'] = exact(last.proxyAfterBytes / MIB, 1, rounds.length);
    metrics['rss.client_peak_mib'] = exact(
      Math.max(...rounds.map(({ consumption }) => consumption.clientPeakBytes)) / MIB,
      1,
      rounds.length,
    );
  }
  return metrics;
}

function share(result: SideRounds, count: (samples: Samples) => readonly [part: number, whole: number]): Metric {
  const of = (samples: Samples): number => {
    const [part, whole] = count(samples);
    return whole === 0 ? 0 : part / whole;
  };
  return overRounds(
    of(result.pooled),
    count(result.pooled)[1],
    result.rounds.map(({ samples }) => of(samples)),
  );
}

function overRounds(value: number, n: number, perRound: readonly number[]): Metric {
  return {
    value,
    interval: centredOn(value, perRound.length < 3 ? undefined : tInterval(perRound)),
    n,
    rounds: perRound.length,
    launches: 1,
  };
}

/** A count or a reading: nothing is estimated, so there is no interval. */
function exact(value: number, n: number, rounds: number): Metric {
  return { value, interval: null, n, rounds, launches: 1 };
}
