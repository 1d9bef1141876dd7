import { closest } from 'fastest-levenshtein';
import { isMetric, metricNames, unitOf } from './metrics.ts';

/** A limit on a metric, absolute or against the baseline. */
export interface Budget {
  readonly text: string;
  readonly metric: string;
  readonly comparison: '<=' | '>=' | '==';
  readonly limit: number;
  /** The limit is a change against the baseline, as a share: 0.05 for `+5%`. */
  readonly relative: boolean;
}

/** The units a limit may be written in, by the unit of the metric. */
const UNITS: Readonly<Record<string, readonly string[]>> = { ms: ['ms', 's'], MiB: ['MiB'], '': ['%'] };
const SYNTAX = /^\s*([a-z_]+\.[a-z0-9_]+)\s*(<=|>=|==)\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%|ms|s|MiB)?\s*$/;

/**
 * Reads `proxy.p95_ms<=900` or, against the baseline, `overhead.p50_ms<=+5%`.
 * @throws TypeError that says what was expected, with the nearest metric where the name is unknown
 */
export function parseBudget(text: string): Budget {
  const match = SYNTAX.exec(text);
  const [, metric = '', comparison = '', number = '', unit] = match ?? [];
  if (match === null)
    throw new TypeError('expected METRIC<=NUMBER, METRIC>=NUMBER or METRIC==NUMBER, such as proxy.p95_ms<=900 or overhead.p50_ms<=+5%');
  if (!isMetric(metric)) throw new TypeError(`there is no metric "${metric}"; the nearest is "${closest(metric, metricNames())}"`);
  const relative = unit === '%' && /^[+-]/.test(number);
  if (unit !== undefined && !relative && UNITS[unitOf(metric)]?.includes(unit) !== true) {
    throw new TypeError(
      `${metric} is no number of ${unit}${unit === '%' ? `; a change against the baseline has its sign: ${metric}${comparison}+${number}%` : ''}`,
    );
  }
  const limit = Number(number) * (unit === '%' ? 0.01 : unit === 's' ? 1000 : 1);
  return { text: text.trim(), metric, comparison: comparison as Budget['comparison'], limit, relative };
}

/** Whether a value keeps a limit. */
export function keeps(value: number, comparison: Budget['comparison'], limit: number): boolean {
  if (comparison === '<=') return value <= limit;
  if (comparison === '>=') return value >= limit;
  return value === limit;
}
