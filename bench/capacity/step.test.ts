import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../fixtures/clock.ts';
import { startGateway } from '../../fixtures/gateway/started-gateway.ts';
import { DEFAULT_PROVIDER_OPTIONS } from '../../fixtures/provider/options.ts';
import { startProvider } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from '../client/endpoint.ts';
import { ONLY_CHAT } from '../client/traffic.ts';
import { ResourceMeter } from '../load/resources.ts';
import { parseSlo } from '../stats/slo.ts';
import { type CapacityStep, measureStep } from './step.ts';

/** A gateway that takes 5 ms over each request carries less than 200 a second. */
const SERVICE_MS = 5;
const TEST_MS = 30_000;

async function step(rate: number, slo: string): Promise<CapacityStep> {
  await using provider = await startProvider(DEFAULT_PROVIDER_OPTIONS);
  await using gateway = await startGateway({ upstreamUrl: provider.baseUrl, serviceMs: SERVICE_MS });
  await using endpoint = new Endpoint({ baseUrl: gateway.baseUrl, apiKey: 'key', model: 'perf-test-model', timeoutMs: 10_000 });
  return await measureStep(rate, 1, {
    endpoint,
    kinds: ONLY_CHAT,
    limits: parseSlo(slo),
    load: { arrival: 'constant', mostInFlight: 1000, warmupMs: 300, measuredMs: 1500 },
    clientThreads: 1,
    meter: new ResourceMeter({ proxy: async () => ({ unavailable: 'not ours' }), provider: async () => undefined }),
    now: monotonicMs,
    signal: new AbortController().signal,
  });
}

describe('a step of a search of capacity', () => {
  it('keeps an SLO below what the gateway carries, without the requests of the warm-up', async () => {
    const found = await step(40, 'latency.p95_ms<=500,failures<=1%,achieved>=90%');
    expect(found).toMatchObject({ kept: true, stopped: false, failureKinds: [], notSent: 0 });
    expect(Math.abs(found.due - 60)).toBeLessThanOrEqual(1);
    expect(found.times.latency.p50_ms).toBeGreaterThanOrEqual(SERVICE_MS);
    expect(found.times.ttft.p50_ms).toBeNull();
  });

  it(
    'breaks it above, and stops as soon as nothing can save it',
    async () => {
      const found = await step(800, 'latency.p95_ms<=200,failures<=1%');
      expect(found).toMatchObject({ kept: false, stopped: true });
      expect(found.sent).toBeLessThan(1200);
    },
    TEST_MS,
  );

  it(
    'breaks a limit on what is achieved, where no time is limited',
    async () => {
      const found = await step(400, 'achieved>=90%');
      expect(found).toMatchObject({ kept: false, stopped: false });
      expect(found.achievedShare).toBeLessThan(0.7);
    },
    TEST_MS,
  );
});
