import { describe, expect, it } from 'vitest';
import { guard } from './guards.ts';
import type { Consumption } from './resources.ts';
import type { SideRounds } from './rounds.ts';
import { proxyRounds, roundsOf, type RoundSketch, sideOf } from './side-rounds.fixture.ts';
import type { LoadSpec } from './spec.ts';

const ALL_ARRIVED = { expected: 100, received: 100 };
const USAGE = { group: 'cpu', per: 'request' } as const;
const OPEN = { rate: 100, arrival: 'constant', seed: 1, durationMs: 3000, mostInFlight: 10 } as const;

/** Three times the same round, of whose proxy nothing bad can be said unless the sketch says it. */
function threeRounds(sketch: RoundSketch, load: Partial<LoadSpec> = {}): SideRounds {
  return proxyRounds([sketch, sketch, sketch], { usage: USAGE, ...load });
}

const IDLE: Partial<Consumption> = { wallMs: 1000, clientCpuMs: 100, otherCpuMs: 0, clientLagP99Ms: 0, providerLagP99Ms: 0 };

/** Three rounds in which this was used. */
function using(used: Partial<Consumption>): SideRounds {
  return threeRounds({ times: { latency: [1] }, used: { ...IDLE, ...used } });
}

function codes(
  results: readonly SideRounds[],
  ...rest: [received?: Parameters<typeof guard>[1], stamps?: boolean, threads?: number]
): string[] {
  const [received = ALL_ARRIVED, stamps = false, threads = 1] = rest;
  return guard(results, received, stamps, threads).map(({ code }) => code);
}

function messages(results: readonly SideRounds[], stamps = false): string[] {
  return guard(results, ALL_ARRIVED, stamps).map(({ message }) => message);
}

describe('guard', () => {
  it('has nothing to say of rounds in which all went well', () => {
    expect(codes([using({})], ALL_ARRIVED, true)).toEqual([]);
  });

  it('tells how many requests failed, and with what', () => {
    const failed = { times: { latency: [1] }, failed: { timeout: 1, http_500: 2 } } as const;
    expect(messages([threeRounds(failed)])).toEqual([
      'proxy: 9 of 12 requests failed (6 http_500, 3 timeout); the times are those of the others',
    ]);
    expect(codes([threeRounds(failed)])).toEqual(['failures']);
  });

  it('tells of failures of the warm-up apart from those that were measured', () => {
    const warmUp = { times: { latency: [1, 2] }, failed: { reset: 1 } };
    const afterIt = (sketch: RoundSketch): SideRounds => roundsOf(sideOf('proxy'), [sketch, sketch, sketch], warmUp);
    expect(codes([afterIt({ times: { latency: [1] }, failed: { reset: 1 } })])).toEqual(['warmup_failures', 'failures']);
    expect(guard([afterIt({ times: { latency: [1] } })], ALL_ARRIVED, false)).toEqual([
      { code: 'warmup_failures', message: 'proxy: 1 of 3 warm-up requests failed' },
    ]);
  });

  it.each<[code: string, below: Partial<Consumption>, above: Partial<Consumption>]>([
    ['client_busy', { clientCpuMs: 800 }, { clientCpuMs: 801 }],
    ['machine_busy', { otherCpuMs: 250 }, { otherCpuMs: 251 }],
    ['client_lag', { clientLagP99Ms: 2 }, { clientLagP99Ms: 2.1 }],
    ['provider_lag', { providerLagP99Ms: 2 }, { providerLagP99Ms: 2.1 }],
  ])('gives %s beyond its limit, and not at it', (code, below, above) => {
    expect(codes([using(below)])).toEqual([]);
    expect(codes([using(above)])).toEqual([code]);
  });

  it('allows the client a core for each of its threads', () => {
    expect(codes([using({ clientCpuMs: 1600 })], ALL_ARRIVED, false, 2)).toEqual([]);
    expect(codes([using({ clientCpuMs: 1601 })], ALL_ARRIVED, false, 2)).toEqual(['client_busy']);
  });

  it('takes the lag of the median round, which one pause cannot change', () => {
    const round = (clientLagP99Ms: number): RoundSketch => ({ times: { latency: [1] }, used: { ...IDLE, clientLagP99Ms } });
    expect(codes([proxyRounds([round(50), round(1), round(1)], { usage: USAGE })])).toEqual([]);
    expect(codes([proxyRounds([round(50), round(3), round(1)], { usage: USAGE })])).toEqual(['client_lag']);
  });

  it('says nothing of the use of a side whose use is not reported, nor of what cannot be known', () => {
    const busy = threeRounds({ times: { latency: [1] }, used: { ...IDLE, clientCpuMs: 1000, clientLagP99Ms: 9 } }, {});
    const { usage: _, ...load } = busy.side.load;
    expect(codes([{ ...busy, side: { ...busy.side, load } }])).toEqual([]);
    expect(codes([threeRounds({ times: { latency: [1] }, used: {} })])).toEqual([]);
  });

  it('gives request_count when more or fewer reached the mock than were sent, where the mock can tell', () => {
    expect(codes([using({})], { expected: 100, received: 99 })).toEqual(['request_count']);
    expect(codes([using({})], { expected: 100, received: 101 })).toEqual(['request_count']);
    expect(codes([using({})], { expected: 100, received: undefined })).toEqual([]);
  });

  it('gives missing_stamps when a reply had none, where there should be some', () => {
    const results = [threeRounds({ times: { latency: [1, 2] }, counts: { unstamped: 1 } })];
    expect(messages(results, true)).toEqual(['proxy: 3 of 6 replies carried no stamp of the mock: the overhead is that of the others']);
    expect(codes(results, ALL_ARRIVED, true)).toEqual(['missing_stamps']);
    expect(codes(results, ALL_ARRIVED, false)).toEqual([]);
  });

  it('gives few_rounds below three', () => {
    const round = { times: { latency: [1] } };
    expect(codes([proxyRounds([round, round])])).toEqual(['few_rounds']);
    expect(messages([proxyRounds([round])])).toEqual(['1 round gives no interval: use --rounds 3 or more']);
  });
});

describe('guard of two sides', () => {
  const sides = (direct: number, load: Partial<LoadSpec> = {}): SideRounds[] => {
    const round = (completed: number): RoundSketch => ({ times: { latency: [1] }, outcome: { completed, due: completed } });
    return [
      roundsOf(sideOf('direct', load), [round(direct), round(direct), round(direct)]),
      roundsOf(sideOf('proxy', load), [round(100), round(100), round(100)]),
    ];
  };

  it('gives low_ceiling when the direct path is less than three times as fast as the proxy', () => {
    expect(codes(sides(301))).toEqual([]);
    expect(codes(sides(299))).toEqual(['low_ceiling']);
  });

  it('does not compare rates that were given, as in an open loop', () => {
    expect(codes(sides(100, { open: OPEN }))).toEqual([]);
  });

  it('does not compare where no rate was measured', () => {
    expect(codes(sides(Number.NaN))).toEqual([]);
  });
});

describe('guard of an open loop', () => {
  const open = (outcome: RoundSketch['outcome'], pacingMs: readonly number[] = []): SideRounds =>
    threeRounds(
      { times: { latency: [1], pacing_error: pacingMs }, ...(outcome && { outcome }) },
      { open: OPEN, report: { latency: 'proxy', pacing_error: 'pacing_error' } },
    );

  it('gives rate_not_reached below 98 % of what was due', () => {
    expect(codes([open({ due: 100, completed: 98 })])).toEqual([]);
    expect(codes([open({ due: 100, completed: 97 })])).toEqual(['rate_not_reached']);
    expect(messages([open({ due: 100, completed: 50 })])[0]).toContain('50.0/s of the 100/s wanted were reached (50 %)');
  });

  it('gives not_sent for a single request that found no slot', () => {
    expect(codes([open({ due: 100, completed: 100, notSent: 0 })])).toEqual([]);
    expect(codes([proxyRounds([1, 0, 0].map(oneNotSent), { open: OPEN })])).toEqual(['not_sent']);
  });

  it('gives pacing when the worst hundredth was sent more than a millisecond late', () => {
    expect(codes([open({}, [0, 1])])).toEqual([]);
    expect(codes([open({}, [0, 1.1])])).toEqual(['pacing']);
  });

  it('does not blame the machine for what waited for a slot', () => {
    expect(codes([open({ due: 100, completed: 100, notSent: 1 }, [5])])).toEqual(['not_sent']);
  });
});

function oneNotSent(notSent: number): RoundSketch {
  return { times: { latency: [1] }, outcome: { due: 100, completed: 100, notSent } };
}

describe('guard of streams', () => {
  const streams = (counts: RoundSketch['counts'] = {}): SideRounds => threeRounds({ times: { latency: [1, 2] }, counts });

  it('gives buffered_streams when more than half of the events came together', () => {
    expect(codes([streams({ apart: 100, together: 50 })])).toEqual([]);
    expect(codes([streams({ apart: 100, together: 51 })])).toEqual(['buffered_streams']);
  });

  it('says nothing of a few events', () => {
    expect(codes([proxyRounds([{ counts: { apart: 49, together: 49 } }, {}, {}])])).toEqual([]);
    expect(codes([proxyRounds([{ counts: { apart: 50, together: 50 } }, {}, {}])])).toEqual(['buffered_streams']);
  });

  it('gives stalls for a single stream that stood still', () => {
    expect(codes([streams({ stalled: 0 })])).toEqual([]);
    const [stalled, even] = [{ times: { latency: [1, 2] }, counts: { stalled: 1 } }, { times: { latency: [1, 2] } }];
    expect(messages([proxyRounds([stalled, even, even])])).toEqual([
      'proxy: 1 of 6 streams stood still for more than 100 ms beyond what the mock made',
    ]);
  });
});
