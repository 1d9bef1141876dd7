import type { Endpoint } from '../client/endpoint.ts';
import type { Kinds } from '../client/traffic.ts';
import { type OpenLoad, type RunBlock, runBlock } from '../load/block.ts';
import type { FailureCount } from '../load/failure-tally.ts';
import { observeMixed } from '../load/observe.ts';
import type { ResourceMeter } from '../load/resources.ts';
import { type Quantity, Samples } from '../load/samples.ts';
import { BoundedHistogram, type Distribution } from '../stats/distribution.ts';
import { allowedBadShare, keepsSlo, type SloLimit, singleLimits } from '../stats/slo.ts';
import type { Clock } from '../../fixtures/clock.ts';

/** Percentiles of a time in milliseconds, null where none was measured. */
export interface Percentiles {
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

/** One point of the curve of latency against rate. */
export interface CapacityStep {
  /** Requests a second that were due. */
  readonly rate: number;
  readonly kept: boolean;
  /** The SLO was broken beyond repair before the step's time was over, and the rest of it was not sent. */
  readonly stopped: boolean;
  readonly generatorLimited: boolean;
  readonly due: number;
  readonly sent: number;
  readonly notSent: number;
  readonly failures: number;
  readonly failureKinds: readonly FailureCount[];
  readonly failureShare: number;
  /** What was completed in the measured time, as a share of what was due. */
  readonly achievedShare: number;
  /** Requests a second that succeeded within the limits. */
  readonly goodputRps: number;
  /** Of all requests, of the kinds among them, and of the streams' first tokens. */
  readonly times: Readonly<Record<'latency' | 'chat' | 'stream' | 'ttft', Percentiles>>;
  readonly pacingErrorP99Ms: number;
  readonly clientCoreShare: number;
}

export interface StepContext {
  readonly endpoint: Endpoint;
  readonly kinds: Kinds;
  readonly limits: readonly SloLimit[];
  readonly load: Pick<OpenLoad, 'arrival' | 'mostInFlight'> & { readonly warmupMs: number; readonly measuredMs: number };
  readonly clientThreads: number;
  readonly meter: ResourceMeter;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly runBlock?: RunBlock;
}

const TIMES = ['latency', 'chat', 'stream', 'ttft'] as const;
const CLIENT_LIMIT_SHARE = 0.9;
const CLIENT_LIMIT_PACING_MS = 20;

/** Sends at a rate for the time of a step, waits until all are answered, and says whether the SLO held. */
export async function measureStep(rate: number, seed: number, context: StepContext): Promise<CapacityStep> {
  const { warmupMs, measuredMs, arrival, mostInFlight } = context.load;
  const create = (): Samples => new Samples([...TIMES, 'pacing_error', 'uncorrected'] satisfies Quantity[], () => new BoundedHistogram());
  const [samples, unmeasured] = [create(), create()];
  const load: OpenLoad = { kind: 'open', rate, arrival, seed, durationMs: warmupMs + measuredMs, unmeasuredMs: warmupMs, mostInFlight };
  const planned = (rate * measuredMs) / 1000;
  const hopeless = new BadRequests(planned * allowedBadShare(context.limits));
  let outcome = { wallMs: measuredMs, completed: 0, ended: 0, due: 0, notSent: 0 };
  const consumption = await context.meter.during(async () => {
    outcome = await (context.runBlock ?? runBlock)({
      send: context.endpoint.mixed({ ...context.kinds, seed }),
      load,
      recording: { observe: observeMixed, good: singleLimits(context.limits) },
      samples,
      unmeasured,
      now: context.now,
      signal: AbortSignal.any([context.signal, hopeless.signal]),
      onProgress: ({ bad }) => hopeless.add(bad),
    });
  });
  const stopped = hopeless.signal.aborted;
  const facts = {
    failureShare: samples.failures.total / Math.max(samples.sent, 1),
    achievedShare: outcome.completed / outcome.due,
    pacingErrorP99Ms: samples.of('pacing_error').percentile(99),
    clientCoreShare: consumption.clientCpuMs / consumption.wallMs / context.clientThreads,
  };
  const measured = (metric: string): number => valueOf(metric, samples, facts);
  return {
    rate,
    kept: !stopped && keepsSlo(context.limits, measured),
    stopped,
    generatorLimited:
      facts.clientCoreShare > CLIENT_LIMIT_SHARE || (outcome.notSent === 0 && facts.pacingErrorP99Ms > CLIENT_LIMIT_PACING_MS),
    due: outcome.due,
    sent: samples.sent,
    notSent: outcome.notSent,
    failures: samples.failures.total,
    failureKinds: samples.failures.list(),
    goodputRps: (samples.good / outcome.wallMs) * 1000,
    ...facts,
    times: Object.fromEntries(TIMES.map((quantity) => [quantity, percentiles(samples.of(quantity))])) as CapacityStep['times'],
  };
}

/** Adds up bad requests, and aborts its signal when there are too many for the SLO to hold. */
class BadRequests {
  readonly #controller = new AbortController();
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  add(bad: number): void {
    this.#count += bad;
    if (this.#count > this.#most) this.#controller.abort();
  }
}

/** A metric of the SLO, NaN where nothing was measured. */
function valueOf(
  metric: string,
  samples: Samples,
  { failureShare, achievedShare }: Pick<CapacityStep, 'failureShare' | 'achievedShare'>,
): number {
  if (metric === 'failures') return failureShare;
  if (metric === 'achieved') return achievedShare;
  const [group = '', stat = ''] = metric.split('.');
  return samples.of(group as (typeof TIMES)[number]).percentile(Number(stat.slice(1, 3)));
}

function percentiles(distribution: Distribution): Percentiles {
  const of = (p: number): number | null => (distribution.n === 0 ? null : distribution.percentile(p));
  return { p50_ms: of(50), p95_ms: of(95), p99_ms: of(99) };
}
