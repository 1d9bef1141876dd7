import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../fixtures/gateway/options.ts';
import { latenciesOf, RATE } from './rival-accuracy.ts';

const PERIOD_MS = 1000 / RATE;

/** Requests on schedule but for `lateMs`, each answered after `tookMs`. */
function log(count: number, lateMs: (index: number) => number, tookMs: number): LoggedRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const arrivedMs = 5000 + index * PERIOD_MS + lateMs(index);
    return { arrivedMs, repliedMs: arrivedMs + tookMs };
  });
}

describe('the latencies that a gateway kept', () => {
  it('begin with the arrival where nobody asks when a request was due', () => {
    const late = log(100, (index) => (index === 50 ? 700 : 0), 10);
    expect(new Set(latenciesOf(late, false))).toEqual(new Set([10]));
  });

  it('begin when a request was due, so that a tool which holds requests back is found out', () => {
    const heldBack = log(100, (index) => (index === 50 ? 700 : 0), 10);
    expect(latenciesOf(heldBack, true).at(-1)).toBeCloseTo(710);
    expect(latenciesOf(heldBack, true)[98]).toBeCloseTo(10);
  });

  it('do not take a slow first request for the schedule', () => {
    const slowStart = log(100, (index) => (index === 0 ? 8 : 0), 10);
    expect(latenciesOf(slowStart, true)[50]).toBeCloseTo(10);
  });
});
