import { describe, expect } from 'vitest';
import { chatLoad, streamLoad, test } from './harness.ts';

/** What the proxy adds to every single request, by the mock's stamps; see docs/method.md. */
describe('paired overhead', () => {
  test('unloaded', async ({ bench, direct, proxy, settings }) => {
    const load = { ...chatLoad(settings), requests: settings.overheadRequests, concurrency: 1, warmup: WARM_UP };
    const result = await bench.compare(
      bench('direct', { load: { ...load, report: { latency: 'direct_unloaded', overhead: 'direct_overhead' } } }, direct.chat),
      bench('proxy', { load: { ...load, report: unloaded, usage: { group: 'unloaded_cpu', per: 'request' } } }, proxy.chat),
      { rounds: { count: settings.overheadRounds, alternate: 'request' } },
    );
    expect(result.get('proxy')).toMeetBudgets(settings.budgets);
  });

  test('unloaded streams', async ({ bench, direct, proxy, settings }) => {
    const gapMs = settings.providerEventGapMs || EVENT_GAP_MS;
    const requests = Math.ceil(settings.overheadRequests / 10);
    const load = { ...streamLoad(settings), requests, concurrency: 1, warmup: WARM_UP / 10, warmupConcurrency: WARM_UP / 10 };
    // A direct stream takes as long as the mock's gaps do, give or take 0.1 ms: few of them are enough.
    const few = { ...load, requests: Math.ceil(requests / 3) };
    const result = await bench.compare(
      bench('direct', { load: { ...few, report: directStreams } }, direct.pacedStream(gapMs)),
      bench('proxy', { load: { ...load, report: streams, usage: { group: 'unloaded_cpu', per: 'stream' } } }, proxy.pacedStream(gapMs)),
      { rounds: { count: settings.overheadRounds, alternate: 'request' } },
    );
    expect(result.get('proxy')).toMeetBudgets(settings.budgets);
  });
});

/** A proxy that has just started gets faster for its first hundred requests. */
const WARM_UP = 200;

/** Events all sent at once would hide how a proxy passes them on; a fast model sends a token every few milliseconds. */
const EVENT_GAP_MS = 5;

const unloaded = {
  latency: 'unloaded',
  header: 'unloaded_header',
  overhead: 'overhead',
  net_overhead: 'net_overhead',
  inbound: 'inbound',
  outbound: 'outbound',
} as const;

const directStreams = {
  latency: 'direct_unloaded_stream',
  overhead: 'direct_stream_overhead',
  relay_lag: 'direct_relay_lag',
  itl: 'direct_itl',
} as const;

const streams = {
  latency: 'unloaded_stream',
  overhead: 'stream_overhead',
  inbound: 'stream_inbound',
  first_byte: 'first_byte',
  first_event: 'first_event',
  first_content: 'first_content',
  first_reasoning: 'first_reasoning',
  relay_lag: 'relay_lag',
  itl: 'itl',
  provider_itl: 'provider_itl',
  stall: 'stall',
  done_gap: 'done_gap',
} as const;
