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

/** Each measurement may be spoiled by something else on the machine; the truth is what an undisturbed one of a few says. */
const ATTEMPTS = { retry: 3 };

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
    const sides = sends.map((send, index) => ({ name: `side ${index}`, send, load: { ...load, concurrency: 1 } }));
    const meter = new ResourceMeter({
      proxy: () => Promise.resolve({ unavailable: 'not measured' }),
      provider: () => Promise.resolve(undefined),
    });
    const context = { meter, now: monotonicMs, signal: new AbortController().signal, onProgress: () => {} };
    return runRounds(sides, { count: 4, alternate: 'request' }, context);
  }

  const whole = {
    requests: 200,
    warmup: 200,
    observe: observeWhole,
    report: { latency: 'unloaded', overhead: 'overhead', inbound: 'inbound', outbound: 'outbound' },
  } as const;

  /**
   * Gateways of all delays, and beside each the one without delay: its own floor. The floor is measured after a rest as long as the delay,
   * since processes that have rested for 25 ms wake later than those that have rested for 0.3 ms, with any gateway; and in a process of its own,
   * since one that has served four times as many requests is better compiled.
   */
  async function measureDelays(option: 'inboundMs' | 'outboundMs'): Promise<(quantity: Quantity, share: 0 | 1) => void> {
    const undelayed = await Promise.all(DELAYS_MS.map(() => endpoint({})));
    const delayed = await Promise.all(DELAYS_MS.map((delayMs) => endpoint({ [option]: delayMs })));
    const floors = undelayed.map((floor, index) => async (slot: number) => {
      await rest(DELAYS_MS[index] ?? 0);
      return floor.chat(slot);
    });
    const results = await measure(whole, [...delayed.map(({ chat }) => chat), ...floors]);
    const median = (index: number, quantity: Quantity): number => results[index]?.pooled.of(quantity).percentile(50) ?? Number.NaN;
    return (quantity, share) => {
      for (const [index, delayMs] of DELAYS_MS.entries()) {
        const errorMs = median(index, quantity) - median(index + DELAYS_MS.length, quantity) - share * delayMs;
        expect(Math.abs(errorMs), `${quantity}, delay ${delayMs} ms, error ${errorMs.toFixed(3)} ms`).toBeLessThan(TOLERANCE_MS);
      }
    };
  }

  it('shows a delay on the way in as overhead, all of it inbound', ATTEMPTS, async () => {
    const expectShare = await measureDelays('inboundMs');
    expectShare('overhead', 1);
    expectShare('inbound', 1);
    expectShare('outbound', 0);
  });

  it('shows a delay on the way out as overhead, all of it outbound', ATTEMPTS, async () => {
    const expectShare = await measureDelays('outboundMs');
    expectShare('overhead', 1);
    expectShare('outbound', 1);
    expectShare('inbound', 0);
  });

  const stream = {
    requests: 20,
    warmup: 5,
    observe: observeStream as LoadSpec['observe'],
    report: { latency: 'unloaded_stream', overhead: 'stream_overhead', relay_lag: 'relay_lag', itl: 'itl' },
  } as const;

  it.each(['as-is', 'merge', 'split'] as const)(
    'shows a delay of every event as relay lag (network chunks %s)',
    ATTEMPTS,
    async (networkChunks) => {
      const merged = networkChunks === 'merge';
      const rewriteEvents = networkChunks === 'split';
      const endpoints = await Promise.all(DELAYS_MS.map((eventMs) => endpoint({ eventMs, networkChunks, rewriteEvents })));
      const sends = endpoints.map((one) => one.pacedStream(GAP_MS));
      const results = await measure(stream, sends);
      const floorMs = results[0]?.pooled.of('relay_lag').percentile(50) ?? Number.NaN;
      for (const [index, { pooled }] of results.entries()) {
        expect(pooled.failures.total).toBe(0);
        expect(pooled.events).toBe(stream.requests * CONTENT_EVENTS);
        const share = pooled.together / pooled.apart;
        expect(share > 0.5, `${share} of the events arrived together`).toBe(merged);
        const errorMs = pooled.of('relay_lag').percentile(50) - floorMs - (DELAYS_MS[index] ?? 0);
        // A gateway that gathers four events holds three of them for as long as the fourth takes to come.
        if (!merged) expect(Math.abs(errorMs), `delay ${DELAYS_MS[index]} ms, error ${errorMs.toFixed(3)} ms`).toBeLessThan(TOLERANCE_MS);
      }
    },
  );

  it('is reported as one that holds streams back when it does', async () => {
    const buffering = await endpoint({ bufferWholeStream: true });
    const [result] = await measure({ ...stream, usage: { group: 'cpu', per: 'stream' } }, [buffering.pacedStream(GAP_MS)]);
    if (result === undefined) throw new Error('no result');
    expect(result.pooled.together / result.pooled.apart).toBeGreaterThan(0.95);
    expect(guard([result], { expected: 0, received: undefined }, true).map(({ code }) => code)).toContain('buffered_streams');
  });
});

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
