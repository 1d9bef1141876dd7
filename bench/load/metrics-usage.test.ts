import { describe, expect, it } from 'vitest';
import { sideMetrics } from './metrics.ts';
import type { Metrics } from './result.ts';
import { proxyRounds, type RoundSketch, values } from './side-rounds.fixture.ts';

const MIB = 2 ** 20;

describe('what was used', () => {
  const usage = { group: 'cpu', per: 'request' } as const;
  const times = { latency: [1] };
  const rounds: RoundSketch[] = [
    { times, outcome: { ended: 10 }, used: { proxyCpuMs: 50, clientCpuMs: 10, providerCpuMs: 5 } },
    { times, outcome: { ended: 20 }, used: { proxyCpuMs: 120, clientCpuMs: 40, providerCpuMs: 20 } },
    { times, outcome: { ended: 40 }, used: { proxyCpuMs: 520, clientCpuMs: 40, providerCpuMs: 20 } },
  ];

  it('is the mean over rounds of CPU time for each request that ended', () => {
    expect(values(sideMetrics(proxyRounds(rounds, { usage })))).toMatchObject({
      'cpu.proxy_ms_per_request': 8,
      'cpu.client_ms_per_request': (1 + 2 + 1) / 3,
      'cpu.provider_ms_per_request': (0.5 + 1 + 0.5) / 3,
    });
  });

  it('is that of the median round, where that is asked for', () => {
    expect(values(sideMetrics(proxyRounds(rounds, { usage }), 'median'))).toMatchObject({
      'cpu.proxy_ms_per_request': 6,
      'cpu.client_ms_per_request': 1,
    });
  });

  it('is told of an event too: that of a stream by its events', () => {
    const events = rounds.map((round): RoundSketch => ({ ...round, times: { latency: [1, 2] }, counts: { events: 8 } }));
    const metrics = sideMetrics(proxyRounds(events, { usage: { group: 'cpu', per: 'stream' } }));
    // Four events a stream: 24 of them in 6 streams.
    expect(values(metrics)).toMatchObject({ 'cpu.proxy_ms_per_stream': 8, 'cpu.proxy_ms_per_event': 2 });
    expect(metrics['cpu.proxy_ms_per_event']?.n).toBe(24);
  });

  it('is of the proxy alone in unloaded measurements', () => {
    const metrics = sideMetrics(proxyRounds(rounds, { usage: { group: 'unloaded_cpu', per: 'request' } }));
    expect(Object.keys(metrics).filter((name) => name.includes('cpu') || name.includes('rss'))).toEqual([
      'unloaded_cpu.proxy_ms_per_request',
    ]);
  });

  it('is not reported of a side that does not ask for it, nor where it cannot be known', () => {
    const used = (metrics: Metrics): string[] => Object.keys(metrics).filter((name) => /^(cpu|rss)\./.test(name));
    expect(used(sideMetrics(proxyRounds(rounds)))).toEqual([]);
    const unknown = rounds.map((round, index) => (index === 1 ? { ...round, used: { clientCpuMs: 40 } } : round));
    expect(used(sideMetrics(proxyRounds(unknown, { usage })))).toEqual(['cpu.client_ms_per_request']);
  });

  it('has the memory before the first round, after the last, and the most of all', () => {
    const memory = [
      { proxyStartBytes: 100 * MIB, proxyPeakBytes: 120 * MIB, proxyAfterBytes: 110 * MIB, clientPeakBytes: 60 * MIB },
      { proxyStartBytes: 110 * MIB, proxyPeakBytes: 180 * MIB, proxyAfterBytes: 150 * MIB, clientPeakBytes: 50 * MIB },
      { proxyStartBytes: 150 * MIB, proxyPeakBytes: 155 * MIB, proxyAfterBytes: 140 * MIB, clientPeakBytes: 40 * MIB },
    ];
    const metrics = sideMetrics(
      proxyRounds(
        memory.map((used) => ({ times, used })),
        { usage },
      ),
    );
    expect(values(metrics)).toMatchObject({
      'rss.proxy_start_mib': 100,
      'rss.proxy_peak_mib': 180,
      'rss.proxy_after_mib': 140,
      'rss.client_peak_mib': 60,
    });
    expect(metrics['rss.proxy_peak_mib']?.interval).toBeNull();
  });

  it('has no memory of streams', () => {
    const metrics = sideMetrics(proxyRounds([{ times, used: { proxyPeakBytes: MIB } }], { usage: { group: 'cpu', per: 'stream' } }));
    expect(metrics).not.toHaveProperty(['rss.proxy_peak_mib']);
  });
});
