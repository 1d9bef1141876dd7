/**
 * The p-th percentile of ascending values, by the original tool's rule: the value at index
 * `min(floor(n * p / 100), n - 1)`. No interpolation, so it is always a value that was measured.
 * @param sorted ascending values
 * @param p 0 to 100
 * @returns the value, or NaN when there are none
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(Math.floor((sorted.length * p) / 100), sorted.length - 1)] ?? Number.NaN;
}

/** The arithmetic mean, or NaN when there are no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

/** The sample standard deviation (n - 1 in the denominator); NaN below two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** The median of unsorted values, by the same rule as {@link percentile}. */
export function median(values: Iterable<number>): number {
  return percentile(Float64Array.from(values).sort(), 50);
}
