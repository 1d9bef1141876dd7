import { describe, expect, it } from 'vitest';
import { Column } from '../stats/distribution.ts';
import { chatOf, streamOf } from './finished-exchange.fixture.ts';
import { firstToken, observeMixed, observeStream, observeWhole, STALL_MS } from './observe.ts';
import { QUANTITIES, type Quantity, Samples } from './samples.ts';

function newSamples(quantities: readonly Quantity[] = QUANTITIES): Samples {
  return new Samples(quantities, () => new Column());
}

/** All that was recorded, by quantity, in the order of recording. */
function recorded(samples: Samples): Partial<Record<Quantity, number[]>> {
  const columns = samples.quantities().map((quantity) => [quantity, Array.from(samples.of(quantity).values() ?? [])] as const);
  return Object.fromEntries(columns.filter(([, values]) => values.length > 0));
}

/** Due at 100 and sent at 105; the mock had it from 110 to 150. */
const DUE_MS = 100;
const TIMES = { sentMs: 105, firstByteMs: 155, doneMs: 165, headerMs: 8 };
const STAMPS = { receivedMs: 110, firstSentMs: 150, lastSentMs: 150, firstStampMs: 162 };

describe('observeWhole', () => {
  it('takes latency from when a request was due, and overhead from when it was sent, less the time that the mock took', () => {
    const samples = newSamples();
    observeWhole(chatOf({ ...TIMES, ...STAMPS }), DUE_MS, samples);
    expect(recorded(samples)).toEqual({
      latency: [65],
      uncorrected: [60],
      pacing_error: [5],
      header: [8],
      overhead: [20],
      inbound: [5],
      outbound: [12],
    });
    expect(samples.unstamped).toBe(0);
  });

  it('counts a reply without stamps, and has no overhead of it', () => {
    const samples = newSamples();
    observeWhole(chatOf(TIMES), DUE_MS, samples);
    expect(recorded(samples)).toEqual({ latency: [65], uncorrected: [60], pacing_error: [5], header: [8] });
    expect(samples.unstamped).toBe(1);
  });

  it('keeps only what is wanted', () => {
    const samples = newSamples(['overhead']);
    observeWhole(chatOf({ ...TIMES, ...STAMPS }), DUE_MS, samples);
    expect(recorded(samples)).toEqual({ overhead: [20] });
  });
});

describe('observeStream', () => {
  const stream = { sentMs: 105, firstByteMs: 112, firstEventMs: 113, firstContentMs: 120, lastEventMs: 160, doneMs: 165 };
  const stamps = { receivedMs: 110, firstSentMs: 116, lastSentMs: 156, firstStampMs: 120 };

  it('takes the time to first token from when a stream was due, and the steps before it from when it was sent', () => {
    const samples = newSamples();
    observeStream(streamOf({ ...stream, ...stamps }), DUE_MS, samples);
    expect(recorded(samples)).toMatchObject({
      latency: [65],
      ttft: [20],
      ttft_uncorrected: [15],
      first_byte: [7],
      first_event: [8],
      first_content: [15],
      done_gap: [5],
      overhead: [14],
      inbound: [5],
      outbound: [4],
    });
    expect(recorded(samples).first_reasoning).toBeUndefined();
  });

  it('takes the first reasoning for the first token where there is no content', () => {
    const samples = newSamples();
    observeStream(streamOf({ sentMs: 105, firstReasoningMs: 118, doneMs: 165 }), DUE_MS, samples);
    expect(recorded(samples)).toMatchObject({ ttft: [18], first_reasoning: [13] });
    expect(recorded(samples).first_content).toBeUndefined();
  });

  it('takes the first content for the first token where reasoning came before it', () => {
    expect(firstToken(streamOf({ firstReasoningMs: 118, firstContentMs: 140 }))).toBe(140);
  });

  it('takes the lag of each event from when the mock sent it to when it came, and the time between two on both sides', () => {
    const samples = newSamples();
    observeStream(streamOf({}, [sent(116).after(4), sent(136).after(5), sent(156).after(2)]), DUE_MS, samples);
    expect(recorded(samples)).toMatchObject({ relay_lag: [4, 5, 2], itl: [21, 17], provider_itl: [20, 20] });
    expect(samples.events).toBe(3);
  });

  it('counts pairs that were sent apart, and those of them that came together', () => {
    const samples = newSamples();
    // Apart by 20, by 1 and by 1, of which the second came within 0.05 and the third within 0.2; what was sent within 0.5 says nothing.
    const events = [sent(100).after(4), sent(120).after(4), sent(121).after(3.05), sent(122).after(2.25), sent(122.5).after(1.75)];
    observeStream(streamOf({}, events), DUE_MS, samples);
    expect([samples.apart, samples.together]).toEqual([3, 1]);
  });

  it('takes for the stall of a stream its longest wait beyond what the mock made', () => {
    const samples = newSamples();
    observeStream(streamOf({}, [sent(100).after(4), sent(300).after(34), sent(310).after(44), sent(320).after(44)]), DUE_MS, samples);
    expect(recorded(samples).stall).toEqual([30]);
    expect(samples.stalled).toBe(0);
  });

  it('has a stall of 0 where events only come closer', () => {
    const samples = newSamples();
    observeStream(streamOf({}, [sent(100).after(40), sent(110).after(30), sent(120).after(20)]), DUE_MS, samples);
    expect(recorded(samples).stall).toEqual([0]);
  });

  it(`counts a stream as stalled beyond ${STALL_MS} ms, and not at them`, () => {
    const samples = newSamples();
    observeStream(streamOf({}, [sent(100).after(0), sent(110).after(STALL_MS)]), DUE_MS, samples);
    expect(samples.stalled).toBe(0);
    observeStream(streamOf({}, [sent(100).after(0), sent(110).after(STALL_MS + 1)]), DUE_MS, samples);
    expect(samples.stalled).toBe(1);
  });

  it('reads no more events than this stream had, though the slot had a longer one before', () => {
    const samples = newSamples();
    const reused = streamOf({}, [sent(100).after(1), sent(110).after(2), sent(120).after(3)]);
    reused.stamped = 2;
    observeStream(reused, DUE_MS, samples);
    expect(recorded(samples)).toMatchObject({ relay_lag: [1, 2], itl: [11] });
  });

  it('knows nothing of the events of a stream without stamps, nor whether it stood still', () => {
    const samples = newSamples();
    observeStream(streamOf(stream), DUE_MS, samples);
    expect(recorded(samples)).toMatchObject({ latency: [65], ttft: [20] });
    for (const quantity of ['overhead', 'relay_lag', 'itl', 'stall'] as const) expect(recorded(samples)[quantity]).toBeUndefined();
    expect(samples).toMatchObject({ unstamped: 1, events: 0, apart: 0 });
  });
});

describe('observeMixed', () => {
  it('takes the latency of each request under the name of its kind too, and the first token of a stream', () => {
    const samples = newSamples(['latency', 'chat', 'stream', 'ttft']);
    observeMixed(chatOf({ sentMs: 105, doneMs: 165 }), DUE_MS, samples);
    observeMixed(streamOf({ sentMs: 105, firstContentMs: 120, doneMs: 185 }), DUE_MS, samples);
    expect(recorded(samples)).toEqual({ latency: [65, 85], chat: [65], stream: [85], ttft: [20] });
  });
});

/** An event that the mock sent at a time, and that arrived so much later. */
function sent(sentMs: number): { after(lagMs: number): readonly [sentMs: number, arrivedMs: number] } {
  return { after: (lagMs) => [sentMs, sentMs + lagMs] };
}
