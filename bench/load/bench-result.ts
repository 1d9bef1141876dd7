import { Bench } from 'tinybench';
import type { BenchResult } from 'vitest';
import type { Distribution } from '../stats/distribution.ts';
import type { Metrics, Warning } from './result.ts';

declare module 'tinybench' {
  interface TaskResultCompleted {
    /** All metrics of the benchmark this result belongs to, its other sides' too. */
    metrics?: Metrics;
    warnings?: readonly Warning[];
  }
}

/** tinybench keeps its own copy of every sample; beyond this many an even choice of them stands for all. */
const MOST_SAMPLES = 50_000;

/**
 * Measured latencies as Vitest's result of a benchmark, so that its table, its JSON and `toBeFasterThan` work.
 * @param completedPerSecond becomes `throughput.mean`: with many in flight it is not 1000 / latency
 */
export async function benchResult(name: string, latency: Distribution, completedPerSecond: number, metrics: Metrics): Promise<BenchResult> {
  const durations = chosenValues(latency);
  let next = 0;
  const bench = new Bench({ iterations: durations.length, time: 0, warmup: false });
  bench.add(
    name,
    () => {
      const overriddenDuration = durations[next] ?? 0;
      next += 1;
      return { overriddenDuration };
    },
    { async: false },
  );
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') throw new Error(`tinybench gave no statistics for "${name}": ${result?.state}`);
  const throughput = Number.isFinite(completedPerSecond) ? { ...result.throughput, mean: completedPerSecond } : result.throughput;
  return { ...result, name, throughput, metrics };
}

function chosenValues(latency: Distribution): ArrayLike<number> {
  const values = latency.values();
  if (values !== undefined && values.length <= MOST_SAMPLES) return values;
  const count = Math.min(latency.n, MOST_SAMPLES);
  return Float64Array.from({ length: count }, (_, index) => latency.percentile(((index + 0.5) / count) * 100));
}
