import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../fixtures/clock.ts';
import { startGateway } from '../../fixtures/gateway/started-gateway.ts';
import type { GatewayOptions } from '../../fixtures/gateway/options.ts';
import { DEFAULT_PROVIDER_OPTIONS } from '../../fixtures/provider/options.ts';
import { startProvider } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from '../client/endpoint.ts';
import { guard } from '../load/guards.ts';
import { observeStream, observeWhole } from '../load/observe.ts';
import { ResourceMeter } from '../load/resources.ts';
import { runRounds, type Side, type SideRounds } from '../load/rounds.ts';
import type { Quantity } from '../load/samples.ts';
import type { LoadSpec } from '../load/spec.ts';

const DELAYS_MS = [0, 1, 5, 25];
const TOLERANCE_MS = 0.3;
const GAP_MS = 10;
const CONTENT_EVENTS = 8;

/**
 * Keeps this process awake: a client that slept for a delay of 25 ms wakes a few tenths of a millisecond later than one that slept for 0.3 ms,
 * which is true of the machine, but not the gateway's delay.
 */
function stayAwake(): Disposable {
  let awake = true;
  const spin = (): void => {
    if (awake) setImmediate(spin);
  };
  spin();
  return { [Symbol.dispose]: () => void (awake = false) };
}

describe('a gateway with known delays', () => {
  const stack = new AsyncDisposableStack();
  let providerUrl = '';
  beforeAll(async () => {
    providerUrl = stack.use(await startProvider({ ...DEFAULT_PROVIDER_OPTIONS, contentEvents: CONTENT_EVENTS })).baseUrl;
  });
  afterAll(() => stack.disposeAsync());

  async function endpoint(options: Partial<GatewayOptions>): Promise<Endpoint> {
    const gateway = stack.use(await startGateway({ upstreamUrl: providerUrl, ...options }));
    return stack.use(new Endpoint({ baseUrl: gateway.baseUrl, apiKey: 'none', model: 'perf-test-model', timeoutMs: 10_000 }));
  }

  async function measure(load: Omit<LoadSpec, 'concurrency'>, sends: readonly Side['send'][]): Promise<SideRounds[]> {
    const sides = sends.map((send, index) => ({ name: `delay ${DELAYS_MS[index]}`, send, load: { ...load, concurrency: 1 } }));
    const meter = new ResourceMeter({
      proxy: () => Promise.resolve({ unavailable: 'not measured' }),
      provider: () => Promise.resolve(undefined),
    });
    using _ = stayAwake();
    return await runRounds(
      sides,
      { count: 4, alternate: 'request' },
      { meter, now: monotonicMs, signal: new AbortController().signal, onProgress: () => {} },
    );
  }

  /** By how much each median lies above that of the same gateway without delay, less the delay. */
  function errors(results: readonly SideRounds[], quantity: Quantity, truth: (delayMs: number) => number): number[] {
    const medians = results.map(({ pooled }) => pooled.of(quantity).percentile(50));
    return medians.map((median, index) => median - (medians[0] ?? 0) - truth(DELAYS_MS[index] ?? 0));
  }

  function expectWithin(values: readonly number[], what: string): void {
    for (const [index, value] of values.entries())
      expect(Math.abs(value), `${what}, delay ${DELAYS_MS[index]} ms, error ${value.toFixed(3)} ms`).toBeLessThan(TOLERANCE_MS);
  }

  const whole = {
    requests: 200,
    warmup: 150,
    observe: observeWhole,
    report: { latency: 'unloaded', overhead: 'overhead', inbound: 'inbound', outbound: 'outbound' },
  } as const;

  it('shows a delay on the way in as overhead, all of it inbound', async () => {
    const endpoints = await Promise.all(DELAYS_MS.map((inboundMs) => endpoint({ inboundMs })));
    const results = await measure(
      whole,
      endpoints.map(({ chat }) => chat),
    );
    expectWithin(
      errors(results, 'overhead', (delayMs) => delayMs),
      'overhead',
    );
    expectWithin(
      errors(results, 'inbound', (delayMs) => delayMs),
      'inbound',
    );
    expectWithin(
      errors(results, 'outbound', () => 0),
      'outbound',
    );
  });

  it('shows a delay on the way out as overhead, all of it outbound', async () => {
    const endpoints = await Promise.all(DELAYS_MS.map((outboundMs) => endpoint({ outboundMs })));
    const results = await measure(
      whole,
      endpoints.map(({ chat }) => chat),
    );
    expectWithin(
      errors(results, 'overhead', (delayMs) => delayMs),
      'overhead',
    );
    expectWithin(
      errors(results, 'outbound', (delayMs) => delayMs),
      'outbound',
    );
    expectWithin(
      errors(results, 'inbound', () => 0),
      'inbound',
    );
  });

  const stream = {
    requests: 20,
    warmup: 5,
    observe: observeStream as LoadSpec['observe'],
    report: { latency: 'unloaded_stream', overhead: 'stream_overhead', relay_lag: 'relay_lag', itl: 'itl' },
  } as const;

  it.each(['as-is', 'merge', 'split'] as const)('shows a delay of every event as relay lag (network chunks %s)', async (networkChunks) => {
    const endpoints = await Promise.all(
      DELAYS_MS.map((eventMs) => endpoint({ eventMs, networkChunks, rewriteEvents: networkChunks === 'split' })),
    );
    const results = await measure(
      stream,
      endpoints.map((one) => one.pacedStream(GAP_MS)),
    );
    if (networkChunks !== 'merge')
      expectWithin(
        errors(results, 'relay_lag', (delayMs) => delayMs),
        'relay lag',
      );
    for (const { pooled } of results) {
      expect(pooled.failures.total).toBe(0);
      expect(pooled.events).toBe(stream.requests * CONTENT_EVENTS);
    }
    const together = results.map(({ pooled }) => pooled.together / pooled.apart);
    const merged = networkChunks === 'merge';
    for (const share of together) expect(share > 0.5, `${share} of the events arrived together`).toBe(merged);
  });

  it('is reported as one that holds streams back when it does', async () => {
    const buffering = await endpoint({ bufferWholeStream: true });
    const [result] = await measure({ ...stream, usage: { group: 'cpu', per: 'stream' } }, [buffering.pacedStream(GAP_MS)]);
    if (result === undefined) throw new Error('no result');
    expect(result.pooled.together / result.pooled.apart).toBeGreaterThan(0.95);
    expect(guard([result], { expected: 0, received: undefined }, true).map(({ code }) => code)).toContain('buffered_streams');
  });
});
