import type { ProxyState } from '../../fixtures/control.ts';
import type { Clock } from '../../fixtures/clock.ts';
import { guessRate } from '../capacity/guess-rate.ts';
import type { Endpoint } from '../client/endpoint.ts';
import type { Kinds } from '../client/traffic.ts';
import { type OpenLoad, type RunBlock, runBlock } from '../load/block.ts';
import type { FailureCount } from '../load/failure-tally.ts';
import { observeMixed } from '../load/observe.ts';
import type { Progress } from '../load/rounds.ts';
import { Samples } from '../load/samples.ts';
import { BoundedHistogram } from '../stats/distribution.ts';
import { MemoryWatch } from './memory-watch.ts';
import { type LatencySummary, type SoakRecord, timedOf } from './soak-result.ts';

export interface SoakContext {
  readonly endpoint: Endpoint;
  readonly kinds: Kinds;
  readonly durationMs: number;
  /** Half of what a short closed loop reaches, when not given. */
  readonly rate: number | undefined;
  readonly load: Pick<OpenLoad, 'arrival' | 'mostInFlight' | 'seed'>;
  readonly readProxy: () => Promise<ProxyState>;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly runBlock?: RunBlock;
}

const LONGEST_SEGMENT_MS = 15_000;
const FEWEST_SEGMENTS = 20;
const MOST_SEGMENTS = 200;

/**
 * Keeps a rate for a long time, in segments that follow each other: the latencies of each are kept as a few numbers, so that
 * the client's memory stays the same however long it lasts.
 */
export async function soak(context: SoakContext): Promise<SoakRecord> {
  const { durationMs, now, signal } = context;
  const rate = context.rate ?? (await guessRate(context)) / 2;
  using memory = new MemoryWatch(context.readProxy, now, durationMs);
  await memory.look();
  const segments: LatencySummary[] = [];
  const totals = newSamples();
  const count = Math.min(MOST_SEGMENTS, Math.max(FEWEST_SEGMENTS, Math.ceil(durationMs / LONGEST_SEGMENT_MS)));
  const startedMs = now();
  for (let segment = 0; segment < count && !signal.aborted; segment += 1) {
    const samples = newSamples();
    await runSegment(context, { rate, segment, segmentMs: durationMs / count, samples });
    const latency = samples.of(timedOf(context.kinds));
    segments.push({
      p50_ms: latency.percentile(50),
      p95_ms: latency.percentile(95),
      p99_ms: latency.percentile(99),
      requests: samples.sent,
      failures: samples.failures.total,
    });
    totals.merge(samples);
    context.onProgress({
      phase: 'soaking',
      step: '',
      done: Math.round((((segment + 1) / count) * durationMs) / 1000),
      total: Math.round(durationMs / 1000),
      failures: totals.failures.total,
    });
  }
  await memory.look();
  const failures: FailureCount[] = totals.failures.list();
  return {
    durationMs: now() - startedMs,
    rate,
    kinds: context.kinds,
    segments,
    requests: totals.sent,
    cancelled: totals.cancelled,
    failures,
    rssMib: memory.rssMib,
    openFiles: memory.openFiles,
    unavailable: memory.unavailable,
  };
}

async function runSegment(
  { endpoint, kinds, load, now, signal, runBlock: run = runBlock }: SoakContext,
  { rate, segment, segmentMs, samples }: { rate: number; segment: number; segmentMs: number; samples: Samples },
): Promise<void> {
  const seed = load.seed + segment;
  await run({
    send: endpoint.mixed({ ...kinds, seed }),
    load: { ...load, kind: 'open', rate, seed, durationMs: segmentMs, unmeasuredMs: 0 },
    recording: { observe: observeMixed },
    samples,
    now,
    signal,
  });
}

function newSamples(): Samples {
  return new Samples(['chat', 'stream'], () => new BoundedHistogram());
}
