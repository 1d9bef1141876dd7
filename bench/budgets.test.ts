import { describe, expect, it } from 'vitest';
import { checkBudgets, relativeState } from './budgets.ts';
import { parseBudget } from './stats/budget.ts';
import type { MetricChange } from './trial/comparison.ts';

const metric = (value: number, n = 10) => ({ value, interval: null, n, rounds: 3, launches: 1 });
const change = (value: number, interval: [number, number] | null): MetricChange => ({
  metric: 'overhead.p50_ms',
  change: value,
  interval,
  pValue: 0.5,
  verdict: 'undecided',
  pairs: 7,
  pairsToDecide: null,
  gates: true,
  adjustedPValue: 0.5,
  broken: false,
});

describe('absolute budgets', () => {
  it('say metric, value and limit when broken', () => {
    expect(checkBudgets({ metrics: { 'proxy.p95_ms': metric(900.1234) } }, [parseBudget('proxy.p95_ms<=900')])).toEqual([
      'budget broken: proxy.p95_ms is 900.123, the limit is proxy.p95_ms<=900',
    ]);
  });

  it('hold at the limit itself', () => {
    expect(checkBudgets({ metrics: { 'proxy.rps': metric(100) } }, [parseBudget('proxy.rps>=100')])).toEqual([]);
  });

  it('are not for benchmarks without the metric', () => {
    expect(checkBudgets({ metrics: { 'ttft.p50_ms': metric(1) } }, [parseBudget('proxy.rps>=100')])).toEqual([]);
  });
});

describe('failed requests', () => {
  const failed = { metrics: { 'proxy.failures': metric(3, 500), 'proxy.failure_share': metric(0.006) } };

  it('break the run by themselves', () => {
    expect(checkBudgets(failed, [])[0]).toContain('3 of 500 requests failed');
  });

  it('are allowed by a budget on their number or their share', () => {
    expect(checkBudgets(failed, [parseBudget('proxy.failures<=5')])).toEqual([]);
    expect(checkBudgets(failed, [parseBudget('proxy.failure_share<=0.01')])).toEqual([]);
  });
});

describe('budgets against a baseline', () => {
  const limit = parseBudget('overhead.p50_ms<=+5%');

  it.each([
    ['held', 0.01, [-0.01, 0.03]],
    ['undecided', 0.06, [0.02, 0.1]],
    ['broken', 0.09, [0.06, 0.12]],
  ] as const)('are %s where the interval says so', (state, value, interval) => {
    expect(relativeState(change(value, [...interval]), limit)).toBe(state);
  });

  it('are undecided without an interval', () => {
    expect(relativeState(change(0.5, null), limit)).toBe('undecided');
  });

  it('fail when undecided only in a strict run', () => {
    const measured = { metrics: { 'overhead.p50_ms': metric(5) }, changes: [change(0.06, [0.02, 0.1])] };
    expect(checkBudgets(measured, [limit], false)).toEqual([]);
    expect(checkBudgets(measured, [limit], true)[0]).toContain('budget undecided: overhead.p50_ms: +6.0 %');
  });

  it('are an error on a metric that the baseline lacks, not a pass', () => {
    const measured = { metrics: { 'overhead.p50_ms': metric(5) }, changes: [] };
    expect(checkBudgets(measured, [limit])).toEqual([
      'budget overhead.p50_ms<=+5%: overhead.p50_ms cannot be compared, it is not in the baseline or is 0',
    ]);
  });

  it('do not gate where there is nothing to compare with, as when the machine changed its speed', () => {
    expect(checkBudgets({ metrics: { 'overhead.p50_ms': metric(5) } }, [limit])).toEqual([]);
  });

  it('on a rate are broken when the whole interval is below', () => {
    const rate = { ...change(-0.2, [-0.25, -0.15]), metric: 'proxy.rps' };
    expect(relativeState(rate, parseBudget('proxy.rps>=-10%'))).toBe('broken');
  });
});

it('a strict run fails for every warning', () => {
  expect(checkBudgets({ metrics: {}, warnings: [{ code: 'machine_busy', message: 'other work' }] }, [], true)).toEqual([
    '--strict: other work',
  ]);
});
