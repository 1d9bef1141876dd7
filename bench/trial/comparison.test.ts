import { describe, expect, it } from 'vitest';
import { type ComparedSide, compareSides, overLaunches, packageDifferences } from './comparison.ts';

const metric = (value: number) => ({ value, interval: null, n: 100, rounds: 4, launches: 1 });

function side(name: string, values: Record<string, readonly number[]>): ComparedSide {
  const count = Object.values(values)[0]?.length ?? 0;
  const launches = Array.from({ length: count }, (_, index) => ({
    launch: index + 1,
    metrics: Object.fromEntries(Object.entries(values).map(([key, all]) => [key, metric(all[index] ?? Number.NaN)])),
  }));
  return { name, target: name, version: '1', revision: '1', packages: [], metrics: overLaunches(launches), launches };
}

const GATES = ['overhead.p50_ms', 'proxy.rps'];
const BASE = [5, 6, 7, 5.5, 6.5, 5.2, 6.1];

describe('compareSides', () => {
  it('pairs launches, so that a drifting machine does not hide a change', () => {
    const slower = BASE.map((value, index) => value * (1.1 + (index % 2) * 0.01));
    const [comparison] = compareSides([side('a', { 'overhead.p50_ms': BASE }), side('b', { 'overhead.p50_ms': slower })], 0.03, GATES);
    expect(comparison?.changes[0]).toMatchObject({ metric: 'overhead.p50_ms', verdict: 'slower', broken: true, gates: true });
    expect(comparison?.changes[0]?.change).toBeCloseTo(0.104, 2);
  });

  it('calls a rate that falls slower', () => {
    const [comparison] = compareSides(
      [side('a', { 'proxy.rps': BASE }), side('b', { 'proxy.rps': BASE.map((value, index) => value * (0.9 + (index % 2) * 0.01)) })],
      0.03,
      GATES,
    );
    expect(comparison?.changes[0]).toMatchObject({ verdict: 'slower', broken: true });
  });

  it('does not let a metric that does not gate break the gate', () => {
    const [comparison] = compareSides(
      [side('a', { 'inbound.p50_ms': BASE }), side('b', { 'inbound.p50_ms': BASE.map((value, index) => value * (1.5 + index * 0.001)) })],
      0.03,
      GATES,
    );
    expect(comparison?.changes[0]).toMatchObject({ verdict: 'slower', broken: false, adjustedPValue: null });
  });

  it('leaves a launch out that only one side survived', () => {
    const a = side('a', { 'overhead.p50_ms': BASE });
    const b = side('b', { 'overhead.p50_ms': BASE });
    const [comparison] = compareSides([a, { ...b, launches: b.launches.slice(1) }], 0.03, GATES);
    expect(comparison?.changes[0]?.pairs).toBe(BASE.length - 1);
  });

  it('compares every further side with the first', () => {
    const sides = ['a', 'b', 'c'].map((name) => side(name, { 'overhead.p50_ms': BASE }));
    expect(compareSides(sides, 0.03, GATES).map(({ baseline, candidate }) => [baseline, candidate])).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });

  it('does not compare counts', () => {
    const [comparison] = compareSides([side('a', { 'proxy.requests': BASE }), side('b', { 'proxy.requests': BASE })], 0.03, GATES);
    expect(comparison?.changes).toEqual([]);
  });
});

describe('overLaunches', () => {
  it('gives the mean with an interval over launches, and the sum of counts', () => {
    const { metrics } = side('a', { 'overhead.p50_ms': [4, 5, 6], 'proxy.failures': [0, 1, 2] });
    expect(metrics['overhead.p50_ms']).toMatchObject({ value: 5, launches: 3, n: 300 });
    // t(0.975, 2) = 4.3027; s = 1; 4.3027 / sqrt(3)
    expect(metrics['overhead.p50_ms']?.interval?.[0]).toBeCloseTo(5 - 2.4841, 3);
    expect(metrics['proxy.failures']).toMatchObject({ value: 3, interval: null });
  });
});

it('packageDifferences names what differs beside LiteLLM', () => {
  expect(packageDifferences(['litellm==1', 'a_x==1', 'B==2', 'gone==1'], ['litellm @ file:///x', 'A-X==1', 'b==3', 'new==1'])).toEqual([
    'b: 2 beside 3',
    'gone: 1 beside none',
    'new: none beside 1',
  ]);
});
