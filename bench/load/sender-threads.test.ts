import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../fixtures/clock.ts';
import { startGateway } from '../../fixtures/gateway/started-gateway.ts';
import { DEFAULT_PROVIDER_OPTIONS } from '../../fixtures/provider/options.ts';
import { readProviderStats, startProvider } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from '../client/endpoint.ts';
import { BoundedHistogram } from '../stats/distribution.ts';
import { type Block, type BlockLoad, type BlockOutcome, type RunBlock, runBlock } from './block.ts';
import { observeMixed } from './observe.ts';
import { Samples } from './samples.ts';
import { SenderThreads } from './sender-threads.ts';

const DELAY_MS = 20;

interface Result extends BlockOutcome {
  readonly samples: Samples;
  readonly unmeasured: Samples;
}

async function send(
  run: RunBlock,
  endpoint: Endpoint,
  load: BlockLoad,
  signal = new AbortController().signal,
  extra: Partial<Block> = {},
): Promise<Result> {
  const [samples, unmeasured] = [newSamples(), newSamples()];
  const traffic = endpoint.mixed({ chat: 0.7, stream: 0.3, hangUps: 0, seed: 1 });
  const outcome = await run({
    send: traffic,
    load,
    recording: { observe: observeMixed },
    samples,
    unmeasured,
    now: monotonicMs,
    signal,
    ...extra,
  });
  return { ...outcome, samples, unmeasured };
}

function newSamples(): Samples {
  return new Samples(['latency', 'chat', 'stream', 'ttft', 'pacing_error', 'uncorrected'], () => new BoundedHistogram());
}

function endpointTo(baseUrl: string): Endpoint {
  return new Endpoint({ baseUrl, apiKey: 'key', model: 'perf-test-model', timeoutMs: 5000 });
}

describe.each([1, 2])('a block of load on %s sender thread(s)', (count) => {
  it('sends as many as it should, and measures them', async () => {
    await using provider = await startProvider({ ...DEFAULT_PROVIDER_OPTIONS, firstTokenDelayMs: DELAY_MS });
    await using endpoint = endpointTo(provider.baseUrl);
    await using threads = count === 1 ? undefined : new SenderThreads(count, true);
    const run = threads?.runBlock ?? runBlock;
    const closed = await send(run, endpoint, { kind: 'closed', count: 100, concurrency: 10, unmeasured: 20 });
    expect(closed).toMatchObject({ due: 80, notSent: 0 });
    expect([closed.samples.sent, closed.unmeasured.sent]).toEqual([80, 20]);
    // What was in flight when the measurement began counts by the share of its time that was left.
    expect(closed.completed).toBeGreaterThan(80);
    expect(closed.completed).toBeLessThan(90);
    expect(closed.samples.of('latency').n).toBe(80);

    const open = await send(run, endpoint, {
      kind: 'open',
      rate: 100,
      arrival: 'constant',
      seed: 1,
      durationMs: 1000,
      unmeasuredMs: 200,
      mostInFlight: 50,
    });
    expect(open.samples.sent + open.unmeasured.sent).toBe(100);
    expect(Math.abs(open.due - 80)).toBeLessThanOrEqual(count);
    expect(open.samples.of('chat').n + open.samples.of('stream').n).toBe(open.samples.sent);
    expect(open.samples.of('latency').percentile(50)).toBeGreaterThanOrEqual(DELAY_MS);
    expect((await readProviderStats(provider.baseUrl))?.requests).toMatchObject({ chat: expect.any(Number) });
  });

  it('ends early when it is told to', async () => {
    await using provider = await startProvider(DEFAULT_PROVIDER_OPTIONS);
    await using endpoint = endpointTo(provider.baseUrl);
    await using threads = count === 1 ? undefined : new SenderThreads(count, true);
    const startedMs = monotonicMs();
    const { samples, wallMs } = await send(
      threads?.runBlock ?? runBlock,
      endpoint,
      { kind: 'open', rate: 100, arrival: 'constant', seed: 1, durationMs: 60_000, unmeasuredMs: 0, mostInFlight: 50 },
      AbortSignal.timeout(600),
    );
    expect(monotonicMs() - startedMs).toBeLessThan(5000);
    expect(wallMs).toBeLessThan(5000);
    expect(samples.sent).toBeLessThan(1000);
  });
});

describe('an open loop against a gateway that stands still for a while', () => {
  it('counts the wait from when requests were due, though few could be sent in it', async () => {
    const stallForMs = 1000;
    await using provider = await startProvider(DEFAULT_PROVIDER_OPTIONS);
    await using gateway = await startGateway({ upstreamUrl: provider.baseUrl, stallAtMs: 1000, stallForMs });
    await using endpoint = endpointTo(gateway.baseUrl);
    const { samples, due } = await send(runBlock, endpoint, {
      kind: 'open',
      rate: 100,
      arrival: 'constant',
      seed: 1,
      durationMs: 3000,
      unmeasuredMs: 0,
      mostInFlight: 5,
    });
    expect(samples.sent).toBe(300);
    expect(due).toBe(300);
    // A third of all was due in the stall: the worst hundredth waited nearly all of it, but most of that before it was sent.
    expect(samples.of('latency').percentile(99)).toBeGreaterThan(stallForMs * 0.8);
    expect(samples.of('latency').percentile(80)).toBeGreaterThan(stallForMs * 0.2);
    expect(samples.of('uncorrected').percentile(80)).toBeLessThan(stallForMs * 0.2);
  });
});

it('a block that does not say what it sends cannot be handed to threads', async () => {
  await using endpoint = endpointTo('http://127.0.0.1:9');
  await using threads = new SenderThreads(1, true);
  const load: BlockLoad = { kind: 'closed', count: 1, concurrency: 1, unmeasured: 0 };
  await expect(send(threads.runBlock, endpoint, load, undefined, { send: () => endpoint.chat() })).rejects.toThrow(
    'it does not say what it sends',
  );
});
