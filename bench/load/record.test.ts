import { describe, expect, it } from 'vitest';
import { Column } from '../stats/distribution.ts';
import { chatOf, streamOf } from './finished-exchange.fixture.ts';
import { observeMixed } from './observe.ts';
import { type GoodLimits, type Outcome, record } from './record.ts';
import { Samples } from './samples.ts';

const DUE_MS = 100;

function newSamples(): Samples {
  return new Samples(['latency'], () => new Column());
}

/** What comes of an exchange that was due at 100. */
function outcome(exchange: Parameters<typeof record>[1], good?: GoodLimits, samples = newSamples()): Outcome {
  return record({ observe: observeMixed, ...(good && { good }) }, exchange, DUE_MS, samples, true);
}

const CHAT = chatOf({ sentMs: 105, doneMs: 150 });
const STREAM = streamOf({ sentMs: 105, firstContentMs: 120, doneMs: 180 });

describe('record', () => {
  it('counts a success and reads its times', () => {
    const samples = newSamples();
    expect(outcome(CHAT, undefined, samples)).toBe('good');
    expect(samples).toMatchObject({ sent: 1, succeeded: 1, good: 1, cancelled: 0, failures: { total: 0 } });
    expect(samples.of('latency').values()).toEqual(Float64Array.of(50));
  });

  it('counts a success that is not measured, and reads none of its times', () => {
    const samples = newSamples();
    expect(record({ observe: observeMixed }, CHAT, DUE_MS, samples, false)).toBe('good');
    expect(samples).toMatchObject({ sent: 1, succeeded: 1, good: 1 });
    expect(samples.of('latency').n).toBe(0);
  });

  it('counts a failure by its kind: it has no latency', () => {
    const samples = newSamples();
    expect(outcome(chatOf({ sentMs: 105, doneMs: 150 }, 'timeout'), undefined, samples)).toBe('failed');
    expect(samples).toMatchObject({ sent: 1, succeeded: 0, good: 0, cancelled: 0 });
    expect(samples.failures.list()).toMatchObject([{ kind: 'timeout', count: 1 }]);
    expect(samples.of('latency').n).toBe(0);
  });

  it('counts a request that its own client hung up on as neither a success nor a failure', () => {
    const samples = newSamples();
    expect(outcome(chatOf({ sentMs: 105 }, 'cancelled'), undefined, samples)).toBe('cancelled');
    expect(samples).toMatchObject({ sent: 1, succeeded: 0, good: 0, cancelled: 1, failures: { total: 0 } });
    expect(samples.of('latency').n).toBe(0);
  });

  it('counts a success beyond its limit as late, not as good, and reads its times', () => {
    const samples = newSamples();
    expect(outcome(CHAT, { latency: 49 }, samples)).toBe('late');
    expect(samples).toMatchObject({ sent: 1, succeeded: 1, good: 0 });
    expect(samples.of('latency').n).toBe(1);
  });

  it('finds a failure failed, not late, whatever the limits', () => {
    expect(outcome(chatOf({ sentMs: 105 }, 'timeout'), { latency: 1 })).toBe('failed');
  });

  it.each<[GoodLimits, Outcome, Outcome]>([
    [{ latency: 50 }, 'good', 'late'],
    [{ latency: 80 }, 'good', 'good'],
    [{ chat: 49 }, 'late', 'good'],
    [{ chat: 50 }, 'good', 'good'],
    [{ stream: 79 }, 'good', 'late'],
    [{ stream: 80 }, 'good', 'good'],
    [{ ttft: 19 }, 'good', 'late'],
    [{ ttft: 20 }, 'good', 'good'],
    [{ latency: 80, stream: 80, ttft: 19 }, 'good', 'late'],
  ])(
    'holds each time against its limit, from when the request was due: %o makes a completion of 50 ms %s and a stream of 80 ms %s',
    (good, chat, stream) => {
      expect([outcome(CHAT, good), outcome(STREAM, good)]).toEqual([chat, stream]);
    },
  );
});
