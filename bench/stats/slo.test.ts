import { describe, expect, it } from 'vitest';
import { allowedBadShare, keepsSlo, mixFor, parseMix, parseSlo, singleLimits } from './slo.ts';

describe('parseSlo', () => {
  it('reads several limits with their units', () => {
    expect(parseSlo('ttft.p95_ms<=500, latency.p99_ms<=2s,failures<=0.1%,achieved>=98%')).toMatchObject([
      { metric: 'ttft.p95_ms', comparison: '<=', limit: 500 },
      { metric: 'latency.p99_ms', comparison: '<=', limit: 2000 },
      { metric: 'failures', comparison: '<=', limit: expect.closeTo(0.001, 12) },
      { metric: 'achieved', comparison: '>=', limit: expect.closeTo(0.98, 12) },
    ]);
  });

  it('names the nearest metric for one that does not exist', () => {
    expect(() => parseSlo('tft.p95_ms<=500')).toThrow('there is no SLO metric "tft.p95_ms"; the nearest is "ttft.p95_ms"');
  });

  it.each(['', 'ttft.p95_ms', 'ttft.p95_ms<500', 'ttft.p95_ms<=500,', 'failures==0'])('says what it expected instead of "%s"', (text) => {
    expect(() => parseSlo(text)).toThrow('expected METRIC<=NUMBER');
  });

  it('does not take a percentage without its sign for a share', () => {
    expect(() => parseSlo('failures<=5')).toThrow('expected a share such as 0.1%');
  });
});

describe('keepsSlo', () => {
  const limits = parseSlo('ttft.p95_ms<=500,achieved>=98%');
  const measured =
    (ttft: number, achieved: number) =>
    (metric: string): number =>
      metric === 'achieved' ? achieved : ttft;

  it('wants every limit kept', () => {
    expect(keepsSlo(limits, measured(500, 0.98))).toBe(true);
    expect(keepsSlo(limits, measured(501, 1))).toBe(false);
    expect(keepsSlo(limits, measured(400, 0.97))).toBe(false);
  });

  it('takes what could not be measured for broken', () => {
    expect(keepsSlo(limits, measured(Number.NaN, 1))).toBe(false);
  });
});

describe('parseMix', () => {
  it('turns weights into shares', () => {
    expect(parseMix('chat:8,stream:2')).toEqual({ chat: 0.8, stream: 0.2 });
    expect(parseMix(' stream : 3 ')).toEqual({ chat: 0, stream: 1 });
  });

  it.each(['', 'chat', 'chat:x', 'tea:1', 'chat:-1'])('says what it expected instead of "%s"', (text) => {
    expect(() => parseMix(text)).toThrow('expected kinds with weights, such as chat:8,stream:2');
  });

  it('wants a weight above 0', () => {
    expect(() => parseMix('chat:0,stream:0')).toThrow('expected at least one weight above 0');
  });
});

describe('mixFor', () => {
  it('sends what was asked for', () => {
    expect(mixFor(parseSlo('latency.p99_ms<=100'), { chat: 0.8, stream: 0.2 })).toEqual({ chat: 0.8, stream: 0.2 });
  });

  it.each([
    ['latency.p99_ms<=100', { chat: 1, stream: 0 }],
    ['ttft.p95_ms<=100,latency.p99_ms<=2000', { chat: 0, stream: 1 }],
    ['ttft.p95_ms<=100,chat.p99_ms<=2000', { chat: 0.5, stream: 0.5 }],
  ])('sends for %s what it speaks of, when nothing was asked for', (slo, mix) => {
    expect(mixFor(parseSlo(slo), undefined)).toEqual(mix);
  });

  it('refuses a limit on a kind that is not sent', () => {
    expect(() => mixFor(parseSlo('ttft.p95_ms<=100'), { chat: 1, stream: 0 })).toThrow('a limit speaks of streams, and the mix has none');
  });
});

describe('a single request under an SLO', () => {
  it('is held against the loosest limit on each time', () => {
    expect(singleLimits(parseSlo('latency.p50_ms<=100,latency.p99_ms<=2s,ttft.p95_ms<=500,failures<=1%'))).toEqual({
      latency: 2000,
      ttft: 500,
    });
  });

  it('may be bad as often as all limits together let pass', () => {
    expect(allowedBadShare(parseSlo('latency.p99_ms<=2000,ttft.p95_ms<=500,failures<=1%'))).toBeCloseTo(0.07, 9);
  });

  it('says nothing of the whole where failures have no limit', () => {
    expect(allowedBadShare(parseSlo('latency.p99_ms<=2000'))).toBe(1);
  });
});
