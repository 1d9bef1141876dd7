import { chatOf } from './finished-exchange.fixture.ts';
import { observeWhole } from './observe.ts';
import { ResourceMeter } from './resources.ts';
import { type Progress, type RoundsContext, runRounds, type Side, type SideRounds } from './rounds.ts';
import { SimulatedTime } from './simulated-time.fixture.ts';
import type { LoadSpec, RoundsSpec } from './spec.ts';

interface Behaviour extends Partial<LoadSpec> {
  /** How long the n-th request takes, 10 ms by default. */
  readonly takesMs?: (index: number) => number;
  /** Of what a request takes, so much is not the mock's; for each in the order of sending, 1 by default. */
  readonly overheadsMs?: readonly number[];
  readonly metered?: ResourceMeter;
}

/** Sides whose requests take a simulated time, and a record of what was sent when. */
export class SimulatedSides {
  readonly time = new SimulatedTime();
  readonly controller = new AbortController();
  /** Whose requests were sent, in order. */
  readonly sent: string[] = [];
  readonly progress: Progress[] = [];
  mostInFlight = 0;
  inFlight = 0;

  side(name: 'direct' | 'proxy', { takesMs = () => 10, overheadsMs = [], metered, ...load }: Behaviour = {}): Side {
    let count = 0;
    const send = async (): Promise<ReturnType<typeof chatOf>> => {
      const [tookMs, overheadMs] = [takesMs(count), overheadsMs[count] ?? 1];
      count += 1;
      const sentMs = this.time.nowMs;
      this.sent.push(name);
      this.inFlight += 1;
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
      await this.time.after(tookMs);
      this.inFlight -= 1;
      const doneMs = this.time.nowMs;
      return chatOf({ sentMs, doneMs, receivedMs: sentMs, firstSentMs: doneMs, lastSentMs: doneMs - overheadMs });
    };
    const spec: LoadSpec = { observe: observeWhole, requests: 10, concurrency: 1, warmup: 0, report: { latency: name }, ...load };
    return { name, send, load: spec, ...(metered && { meter: metered }) };
  }

  run(sides: readonly Side[], spec: RoundsSpec, context: Partial<RoundsContext> = {}): Promise<SideRounds[]> {
    const { signal } = this.controller;
    const onProgress = (progress: Progress): void => void this.progress.push(progress);
    const whole = { meter: new CountingMeter(), now: this.time.now, signal, onProgress, ...context };
    return this.time.finish(runRounds(sides, spec, whole));
  }

  abortAfter(ms: number): void {
    void this.time.after(ms).then(() => this.controller.abort());
  }

  /** Whose requests followed each other, and how many. */
  get stretches(): [name: string, count: number][] {
    const stretches: [string, number][] = [];
    for (const name of this.sent) {
      const last = stretches.at(-1);
      if (last?.[0] === name) last[1] += 1;
      else stretches.push([name, 1]);
    }
    return stretches;
  }

  /** The steps that were shown, each once as long as no other came between. */
  get steps(): string[] {
    return this.progress.map(({ step }) => step).filter((step, index, all) => step !== all[index - 1]);
  }
}

/** Reads a proxy that uses a millisecond of CPU from one reading to the next. */
export class CountingMeter extends ResourceMeter {
  readonly #reads: { count: number };

  constructor() {
    const reads = { count: 0 };
    super({
      proxy: async () => ({ cpuMs: (reads.count += 1), rssBytes: 1 }),
      provider: async () => undefined,
    });
    this.#reads = reads;
  }

  get reads(): number {
    return this.#reads.count;
  }
}
