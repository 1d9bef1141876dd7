import { keeps, type Budget } from './budget.ts';
import { closest } from 'fastest-levenshtein';

/** One limit of a service level objective. */
export interface SloLimit {
  readonly text: string;
  readonly metric: string;
  readonly comparison: Budget['comparison'];
  /** Milliseconds for times, a share from 0 to 1 for failures and achieved. */
  readonly limit: number;
}

/** What an SLO may speak of: times of the requests, the share that failed, the share of the wanted rate that was reached. */
export const SLO_METRICS = ['latency', 'ttft', 'stream', 'chat']
  .flatMap((group) => ['p50_ms', 'p95_ms', 'p99_ms'].map((stat) => `${group}.${stat}`))
  .concat('failures', 'achieved');

const SYNTAX = /^([a-z_.0-9]+)\s*(<=|>=)\s*(\d+(?:\.\d+)?)\s*(%|ms|s)?$/;

/**
 * Reads `ttft.p95_ms<=500,latency.p99_ms<=2000,failures<=0.1%,achieved>=98%`.
 * @throws TypeError on another syntax or an unknown metric
 */
export function parseSlo(text: string): readonly SloLimit[] {
  return text.split(',').map((part) => parseLimit(part.trim()));
}

/** Whether all limits hold; `measured` gives a metric's value, NaN counts as broken. */
export function keepsSlo(limits: readonly SloLimit[], measured: (metric: string) => number): boolean {
  return limits.every(({ metric, comparison, limit }) => keeps(measured(metric), comparison, limit));
}

/** Shares of the kinds of requests, adding up to 1. */
export interface Mix {
  readonly chat: number;
  readonly stream: number;
}

/**
 * Reads `chat:8,stream:2` into shares.
 * @throws TypeError when a kind is unknown or no weight is above 0
 */
export function parseMix(text: string): Mix {
  const weights = { chat: 0, stream: 0 };
  for (const part of text.split(',')) {
    const match = /^\s*(chat|stream)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(part);
    if (match === null) throw new TypeError('expected kinds with weights, such as chat:8,stream:2');
    weights[match[1] as keyof Mix] += Number(match[2]);
  }
  const sum = weights.chat + weights.stream;
  if (!(sum > 0)) throw new TypeError('expected at least one weight above 0');
  return { chat: weights.chat / sum, stream: weights.stream / sum };
}

/**
 * The kinds of requests that an SLO is searched with: those asked for, else those that its limits speak of, else non-stream.
 * @throws TypeError when a limit speaks of a kind that is not sent
 */
export function mixFor(limits: readonly SloLimit[], asked: Mix | undefined): Mix {
  const speaksOf = (...groups: string[]): boolean => limits.some(({ metric }) => groups.includes(metric.split('.', 1)[0] ?? ''));
  const [chat, stream] = [speaksOf('chat'), speaksOf('ttft', 'stream')];
  if (asked === undefined) return stream ? { chat: chat ? 0.5 : 0, stream: chat ? 0.5 : 1 } : { chat: 1, stream: 0 };
  if (chat && asked.chat === 0) throw new TypeError('a limit speaks of chat, and the mix has none');
  if (stream && asked.stream === 0) throw new TypeError('a limit speaks of streams, and the mix has none');
  return asked;
}

/** The loosest limit on each time, which a single good request keeps; milliseconds. */
export function singleLimits(limits: readonly SloLimit[]): Partial<Record<'latency' | 'chat' | 'stream' | 'ttft', number>> {
  const loosest: Partial<Record<string, number>> = {};
  for (const { metric, comparison, limit } of limits) {
    const [group = '', stat] = metric.split('.');
    if (stat !== undefined && comparison === '<=') loosest[group] = Math.max(loosest[group] ?? 0, limit);
  }
  return loosest;
}

/**
 * The share of requests that may be bad (failed or beyond {@link singleLimits}) with all limits kept: each percentile limit
 * lets the share above it pass, and the limit on failures its own. Beyond it one of them must be broken, 1 when nothing
 * follows from bad requests.
 */
export function allowedBadShare(limits: readonly SloLimit[]): number {
  const loosest = singleLimits(limits);
  const allowed = new Map<string, number>();
  for (const { metric, limit } of limits) {
    const [group = '', stat] = metric.split('.');
    if (metric === 'failures') allowed.set(metric, limit);
    else if (stat !== undefined && limit === loosest[group as keyof typeof loosest])
      allowed.set(group, Math.min(allowed.get(group) ?? 1, 1 - Number(stat.slice(1, 3)) / 100));
  }
  if (!allowed.has('failures')) return 1;
  return Math.min(
    1,
    [...allowed.values()].reduce((sum, share) => sum + share, 0),
  );
}

function parseLimit(text: string): SloLimit {
  const [, metric = '', comparison = '', number = '', unit] = SYNTAX.exec(text) ?? [];
  if (metric === '') throw new TypeError(`"${text}": expected METRIC<=NUMBER, such as ttft.p95_ms<=500 or failures<=0.1%`);
  if (!SLO_METRICS.includes(metric))
    throw new TypeError(`there is no SLO metric "${metric}"; the nearest is "${closest(metric, SLO_METRICS)}"`);
  const share = metric === 'failures' || metric === 'achieved';
  if (share && unit !== '%' && Number(number) > 1) throw new TypeError(`"${text}": expected a share such as 0.1%`);
  if (!share && unit === '%') throw new TypeError(`"${text}": expected milliseconds, or seconds such as 2s`);
  const limit = Number(number) * (unit === '%' ? 0.01 : unit === 's' ? 1000 : 1);
  return { text, metric, comparison: comparison as SloLimit['comparison'], limit };
}
