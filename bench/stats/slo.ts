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
export const SLO_METRICS = ['latency', 'ttft', 'stream', 'chat'].flatMap((group) => ['p50_ms', 'p95_ms', 'p99_ms'].map((stat) => `${group}.${stat}`)).concat('failures', 'achieved');

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

function parseLimit(text: string): SloLimit {
  const [, metric = '', comparison = '', number = '', unit] = SYNTAX.exec(text) ?? [];
  if (metric === '') throw new TypeError(`"${text}": expected METRIC<=NUMBER, such as ttft.p95_ms<=500 or failures<=0.1%`);
  if (!SLO_METRICS.includes(metric)) throw new TypeError(`there is no SLO metric "${metric}"; the nearest is "${closest(metric, SLO_METRICS)}"`);
  const share = metric === 'failures' || metric === 'achieved';
  if (share && unit !== '%' && Number(number) > 1) throw new TypeError(`"${text}": expected a share such as 0.1%`);
  const limit = Number(number) * (unit === '%' ? 0.01 : unit === 's' ? 1000 : 1);
  return { text, metric, comparison: comparison as SloLimit['comparison'], limit };
}
