import { describe, expect, it } from 'vitest';
import { keeps, parseBudget } from './budget.ts';
import { metricNames } from './metrics.ts';

describe('parseBudget', () => {
  it.each([
    ['proxy.p95_ms<=900', { metric: 'proxy.p95_ms', comparison: '<=', limit: 900, relative: false }],
    ['proxy.p95_ms <= 0.9s', { metric: 'proxy.p95_ms', limit: 900, relative: false }],
    ['proxy.p95_ms<=900ms', { limit: 900 }],
    ['proxy.rps>=1.5e3', { comparison: '>=', limit: 1500 }],
    ['proxy.failures==0', { comparison: '==', limit: 0 }],
    ['rss.proxy_peak_mib<=500MiB', { limit: 500 }],
    ['coalesced.share<=5%', { limit: 0.05, relative: false }],
    ['overhead.p50_ms<=+5%', { limit: 0.05, relative: true }],
    ['proxy.rps>=-2.5%', { limit: -0.025, relative: true }],
  ])('reads %s', (text, expected) => {
    expect(parseBudget(text)).toMatchObject(expected);
  });

  it('keeps the text without the spaces around it', () => {
    expect(parseBudget('  proxy.p95_ms<=900 ').text).toBe('proxy.p95_ms<=900');
  });

  it('knows every metric', () => {
    for (const metric of metricNames()) expect(parseBudget(`${metric}<=1`).metric).toBe(metric);
  });

  it('names the nearest metric for one that does not exist', () => {
    expect(() => parseBudget('proxy.p96_ms<=1')).toThrow('there is no metric "proxy.p96_ms"; the nearest is "proxy.p9');
    expect(() => parseBudget('prxy.rps>=1')).toThrow('"proxy.rps"');
  });

  it('does not take a percentage without its sign for a limit on a time', () => {
    expect(() => parseBudget('overhead.p50_ms<=5%')).toThrow('a change against the baseline has its sign: overhead.p50_ms<=+5%');
  });

  it.each(['proxy.rps>=10ms', 'rss.proxy_peak_mib<=1s', 'proxy.p95_ms<=5MiB'])('does not take a unit of something else: %s', (text) => {
    expect(() => parseBudget(text)).toThrow(/is no number of (ms|s|MiB)$/);
  });

  it.each(['', 'proxy.p95_ms', 'proxy.p95_ms<900', 'proxy.p95_ms<=fast', 'p95<=1', 'proxy.p95_ms<=900 h'])(
    'says what it expected instead of "%s"',
    (text) => {
      expect(() => parseBudget(text)).toThrow('expected METRIC<=NUMBER');
    },
  );
});

describe('keeps', () => {
  it('includes the limit itself', () => {
    expect([keeps(1, '<=', 1), keeps(1, '>=', 1), keeps(1, '==', 1)]).toEqual([true, true, true]);
    expect([keeps(2, '<=', 1), keeps(0, '>=', 1), keeps(2, '==', 1)]).toEqual([false, false, false]);
  });

  it('is false for a value that could not be measured', () => {
    expect([keeps(Number.NaN, '<=', 1), keeps(Number.NaN, '>=', 1), keeps(Number.NaN, '==', 1)]).toEqual([false, false, false]);
  });
});
