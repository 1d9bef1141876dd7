import { describe, expect, it } from 'vitest';
import { isMetric } from '../stats/metrics.ts';
import { sideMetrics } from './metrics.ts';
import { proxyRounds, type RoundSketch, values } from './side-rounds.fixture.ts';

/** From one number to another, both included. */
function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const OPEN = { rate: 100, arrival: 'constant', seed: 1, durationMs: 3000, mostInFlight: 10 } as const;

describe('times', () => {
  const rounds = [
    { times: { latency: numbers(1, 10) } },
    { times: { latency: numbers(11, 30) } },
    { times: { latency: numbers(31, 100) } },
  ];

  it('are percentiles and the mean of the requests of all rounds together', () => {
    expect(values(sideMetrics(proxyRounds(rounds)))).toMatchObject({
      'proxy.p50_ms': 51,
      'proxy.p95_ms': 96,
      'proxy.p99_ms': 100,
      'proxy.mean_ms': 50.5,
    });
  });

  it('have an interval that comes from the rounds, around the value of all requests', () => {
    // By hand: means 5.5, 20.5 and 65.5, s = 31.224990, t(0.975, 2) = 4.302653, so 50.5 +- 77.567502.
    const { 'proxy.mean_ms': mean } = sideMetrics(proxyRounds(rounds));
    expect(mean).toMatchObject({ value: 50.5, n: 100, rounds: 3, launches: 1 });
    expect(mean?.interval?.[0]).toBeCloseTo(50.5 - 77.5675, 3);
    expect(mean?.interval?.[1]).toBeCloseTo(50.5 + 77.5675, 3);
  });

  it('have no interval below three rounds', () => {
    expect(sideMetrics(proxyRounds(rounds.slice(0, 2)))['proxy.p50_ms']).toMatchObject({ interval: null, rounds: 2 });
    expect(sideMetrics(proxyRounds(rounds.slice(0, 2)))['proxy.rps']).toMatchObject({ interval: null, rounds: 2 });
  });

  it('are left out where nothing was measured, and the counts are not', () => {
    const metrics = sideMetrics(proxyRounds([{ failed: { timeout: 2 } }]));
    expect(metrics).not.toHaveProperty(['proxy.p50_ms']);
    expect(values(metrics)).toMatchObject({ 'proxy.requests': 0, 'proxy.failures': 2, 'proxy.failure_share': 1 });
  });
});

describe('counts and rate', () => {
  const rounds: RoundSketch[] = [
    { times: { latency: numbers(1, 20) }, outcome: { wallMs: 100, completed: 20.5 } },
    { times: { latency: numbers(1, 20) }, outcome: { wallMs: 400, completed: 20 } },
    { times: { latency: numbers(1, 18) }, failed: { timeout: 2 }, outcome: { wallMs: 300, completed: 18 } },
  ];

  it('have the rate of all rounds: what was completed by the time it took', () => {
    const { 'proxy.rps': rate } = sideMetrics(proxyRounds(rounds));
    expect(rate?.value).toBeCloseTo(58_500 / 800, 9);
    expect(rate?.n).toBe(58.5);
  });

  it('have the rate of the median round, where that is asked for', () => {
    expect(sideMetrics(proxyRounds(rounds), 'median')['proxy.rps']?.value).toBeCloseTo(60, 9);
  });

  it('have an interval of the rate from the rates of the rounds', () => {
    const { 'proxy.rps': rate } = sideMetrics(proxyRounds(rounds));
    // By hand: rates 205, 50 and 60, s = 86.746758, t(0.975, 2) = 4.302653.
    expect((rate?.interval?.[1] ?? 0) - (rate?.value ?? 0)).toBeCloseTo((4.302653 * 86.746758) / Math.sqrt(3), 3);
  });

  it('say how many succeeded and failed, and what share of all that were sent', () => {
    const metrics = sideMetrics(proxyRounds(rounds));
    expect(values(metrics)).toMatchObject({ 'proxy.requests': 58, 'proxy.failures': 2, 'proxy.failure_share': 2 / 60 });
    expect(metrics['proxy.failures']).toEqual({ value: 2, interval: null, n: 60, rounds: 3, launches: 1 });
  });

  it('have no rate where requests took turns with others one by one', () => {
    const outcome = { wallMs: Number.NaN, completed: Number.NaN };
    expect(sideMetrics(proxyRounds([{ times: { latency: [1, 2] }, outcome }]))).not.toHaveProperty(['proxy.rps']);
  });

  it('are all there is of a side that was told to end before its first round', () => {
    const counts = { 'proxy.requests': 0, 'proxy.failures': 0, 'proxy.failure_share': 0 };
    expect(values(sideMetrics(proxyRounds([], { usage: { group: 'cpu', per: 'request' } })))).toEqual(counts);
    expect(values(sideMetrics(proxyRounds([], { open: OPEN })))).toEqual({ ...counts, 'proxy.not_sent': 0 });
  });

  it('belong to the first quantity of the report alone', () => {
    const load = { report: { ttft: 'ttft', latency: 'stream' } } as const;
    const names = Object.keys(sideMetrics(proxyRounds([{ times: { ttft: [1, 2], latency: [3] } }], load)));
    const times = (group: string): string[] => ['p50_ms', 'p95_ms', 'p99_ms', 'mean_ms'].map((stat) => `${group}.${stat}`);
    const counts = ['ttft.rps', 'ttft.requests', 'ttft.failures', 'ttft.failure_share'];
    expect(names.sort()).toEqual([...times('ttft'), ...counts, ...times('stream')].sort());
  });

  it('say of an open loop how much of what was due was completed, and what was not sent', () => {
    const times = { latency: [1] };
    const rounds = [
      { times, outcome: { completed: 100, due: 100 } },
      { times, outcome: { completed: 90, due: 100, notSent: 3 } },
      { times, outcome: { completed: 80, due: 100, notSent: 17 } },
    ];
    const metrics = sideMetrics(proxyRounds(rounds, { open: OPEN }));
    expect(values(metrics)).toMatchObject({ 'proxy.achieved_share': 0.9, 'proxy.not_sent': 20 });
    expect(metrics['proxy.achieved_share']).toMatchObject({ n: 300, rounds: 3 });
    expect(metrics['proxy.not_sent']).toMatchObject({ n: 300, interval: null });
    expect(metrics['proxy.achieved_share']?.interval?.[0]).toBeCloseTo(0.9 - (4.302653 * 0.1) / Math.sqrt(3), 6);
    expect(sideMetrics(proxyRounds(rounds))).not.toHaveProperty(['proxy.achieved_share']);
  });
});

describe('shares of a stream', () => {
  const report = { latency: 'stream', stall: 'stall', itl: 'itl' } as const;
  const times = { latency: [1, 2, 3, 4], stall: [0, 0, 0, 0], itl: [1] };
  const rounds: RoundSketch[] = [
    { times, counts: { stalled: 1, apart: 10, together: 5 } },
    { times, counts: { stalled: 0, apart: 30, together: 3 } },
    { times, counts: { stalled: 2, apart: 0, together: 0 } },
  ];

  it('say how many streams stood still', () => {
    expect(sideMetrics(proxyRounds(rounds, { report }))['stall.share']).toMatchObject({ value: 3 / 12, n: 12, rounds: 3 });
  });

  it('say how many events that were sent apart came together, of all rounds', () => {
    const { 'coalesced.share': share } = sideMetrics(proxyRounds(rounds, { report }));
    expect(share).toMatchObject({ value: 8 / 40, n: 40, rounds: 3 });
    // A round without such events counts as 0: 0.5, 0.1 and 0.
    expect((share?.interval?.[1] ?? 0) - 0.2).toBeCloseTo((4.302653 * 0.2645751) / Math.sqrt(3), 5);
  });

  it('are left out where the mock sent no events apart, or the events are those of the direct path', () => {
    expect(sideMetrics(proxyRounds([{ times }], { report }))).not.toHaveProperty(['coalesced.share']);
    const direct = { latency: 'direct_stream', itl: 'direct_itl' } as const;
    expect(sideMetrics(proxyRounds(rounds, { report: direct }))).not.toHaveProperty(['coalesced.share']);
  });
});

it('all names are known ones', () => {
  const report = { latency: 'stream', stall: 'stall', itl: 'itl', relay_lag: 'relay_lag' } as const;
  const used = { proxyCpuMs: 1, clientCpuMs: 1, providerCpuMs: 1, proxyPeakBytes: 1 };
  const round = { times: { latency: [1], stall: [1], itl: [1], relay_lag: [1] }, counts: { events: 2, apart: 1 }, used };
  for (const per of ['request', 'stream'] as const) {
    const metrics = sideMetrics(proxyRounds([round], { report, open: OPEN, usage: { group: 'cpu', per } }));
    expect(Object.keys(metrics).filter((name) => !isMetric(name))).toEqual([]);
  }
});
