import type { Metric } from '../load/result.ts';

/** A number with three significant digits below 100, whole from there on; `n/a` where there is none. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'n/a';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.0005 || size === 0 ? value.toFixed(size >= 1 || size === 0 ? 2 : 3) : value.toExponential(1);
}

export function formatSigned(value: number | null): string {
  return value === null || Number.isNaN(value) ? 'n/a' : `${value >= 0 ? '+' : '-'}${formatNumber(Math.abs(value))}`;
}

export function formatMetric(metric: Metric | undefined, unit: string): string {
  if (metric === undefined) return 'n/a';
  return `${formatNumber(metric.value)}${unit === '' ? '' : ` ${unit}`}`;
}

/** Half the width of the interval as a share of the value: `+-1.7 %`. */
export function formatPrecision(metric: Metric | undefined): string {
  if (metric?.interval === null || metric === undefined) return 'n/a';
  const half = (metric.interval[1] - metric.interval[0]) / 2;
  return metric.value === 0 ? `+-${formatNumber(half)}` : `+-${((half / Math.abs(metric.value)) * 100).toFixed(1)} %`;
}

/** The original tool's figures: two decimals. */
export function fixed(value: number | null): string {
  return value === null ? 'n/a' : value.toFixed(2);
}
