import { describe, expect, it } from 'vitest';
import { formatStamps } from '../../fixtures/provider/stamps.ts';
import { chunkOf, NO_OPTIONS, ScriptedReply, sse } from './scripted-reply.fixture.ts';
import { StreamExchange } from './stream-exchange.ts';

async function exchange(...[chunks, reply]: ConstructorParameters<typeof ScriptedReply>): Promise<StreamExchange> {
  const stream = new StreamExchange();
  await stream.send(new ScriptedReply(chunks, reply), NO_OPTIONS);
  return stream;
}

const ROLE = chunkOf({ role: 'assistant', content: '' });
const FINISH = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const USAGE = { choices: [], usage: { total_tokens: 2 } };

function content(...sentMs: number[]): object[] {
  return sentMs.map((ms) => chunkOf({ content: `größer 🚀 ${formatStamps(1000, ms)} hi` }));
}

const WHOLE = sse(ROLE, ...content(1001, 1002, 1003), FINISH, USAGE, '[DONE]');

describe('a stream', () => {
  it('succeeds with content and [DONE]', async () => {
    const stream = await exchange([WHOLE]);
    expect(stream).toMatchObject({ failure: null, events: 6, stamped: 3, receivedMs: 1000, firstSentMs: 1001, lastSentMs: 1003 });
    expect([...stream.eventSentMs.subarray(0, 3)]).toEqual([1001, 1002, 1003]);
  });

  it('is the same wherever the network cuts it, in the middle of a character too', async () => {
    const bytes = Buffer.from(WHOLE);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const stream = await exchange([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(stream).toMatchObject({ failure: null, events: 6, stamped: 3, receivedMs: 1000, lastSentMs: 1003 });
    }
  });

  it('is the same when every byte comes by itself, and with the line ends of Windows', async () => {
    for (const text of [WHOLE, WHOLE.replaceAll('\n', '\r\n')]) {
      const stream = await exchange([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)));
      expect(stream).toMatchObject({ failure: null, events: 6, stamped: 3, lastSentMs: 1003 });
    }
  });

  it('has its times in order', async () => {
    const stream = await exchange([...Buffer.from(WHOLE)].map((byte) => Uint8Array.of(byte)));
    const times = [
      stream.sentMs,
      stream.firstByteMs,
      stream.firstEventMs,
      stream.firstContentMs,
      ...stream.arrivedMs.subarray(1, 3),
      stream.lastEventMs,
      stream.doneMs,
    ];
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(stream.firstStampMs).toBe(stream.arrivedMs[0]);
  });

  it('does not take a role, a null or an empty text for its first content', async () => {
    const stream = await exchange([sse(ROLE, chunkOf({ content: null }), chunkOf({ content: '' }), FINISH, '[DONE]')]);
    expect(stream.events).toBe(4);
    expect(stream.firstEventMs).not.toBeNaN();
    expect(stream.firstContentMs).toBeNaN();
  });

  it('counts tool-call arguments as content', async () => {
    const call = chunkOf({ tool_calls: [{ index: 0, function: { name: 'f', arguments: formatStamps(1000, 1001) } }] });
    expect(await exchange([sse(ROLE, call, FINISH, '[DONE]')])).toMatchObject({ failure: null, stamped: 1, firstSentMs: 1001 });
  });

  it('keeps reasoning apart from content, and takes either for a success', async () => {
    const stream = await exchange([sse(ROLE, chunkOf({ reasoning_content: formatStamps(1000, 1001) }), FINISH, '[DONE]')]);
    expect(stream).toMatchObject({ failure: null, stamped: 1 });
    expect(stream.firstReasoningMs).not.toBeNaN();
    expect(stream.firstContentMs).toBeNaN();
  });

  it('counts content that carries log-probabilities, and the text of a legacy completion', async () => {
    const logprobs = { choices: [{ delta: { content: 'x' }, logprobs: { content: [{ token: 'x', logprob: -0.1 }] } }] };
    expect((await exchange([sse(logprobs, '[DONE]')])).failure).toBeNull();
    expect((await exchange([sse({ choices: [{ text: 'x' }] }, '[DONE]')])).failure).toBeNull();
  });

  it('finds all stamps where a gateway merged events into one', async () => {
    const merged = chunkOf({ content: `${formatStamps(1000, 1001)}${formatStamps(1000, 1002)}` });
    expect(await exchange([sse(merged, '[DONE]')])).toMatchObject({ failure: null, events: 1, stamped: 2, lastSentMs: 1002 });
  });

  it('keeps the stamps of streams of any length', async () => {
    const sentMs = Array.from({ length: 2000 }, (_, index) => 1001 + index);
    const stream = await exchange([sse(...content(...sentMs), '[DONE]')]);
    expect([...stream.eventSentMs.subarray(0, stream.stamped)]).toEqual(sentMs);
  });

  it('ignores comments and what comes behind [DONE]', async () => {
    expect(await exchange([`: ping\n\n${sse(...content(1001), '[DONE]', ...content(1002))}`])).toMatchObject({
      failure: null,
      events: 1,
      stamped: 1,
    });
  });

  it('hangs up after so many contents, as a cancelled request', async () => {
    const stream = new StreamExchange();
    stream.hangUpAfter = 2;
    await stream.send(new ScriptedReply([WHOLE]), NO_OPTIONS);
    expect(stream).toMatchObject({ stamped: 2, inFlight: false, failure: { kind: 'cancelled', message: 'the client hung up' } });
    expect(stream.doneMs).toBeNaN();
  });

  it('leaves nothing behind for the next request of its slot', async () => {
    const stream = new StreamExchange();
    await stream.send(new ScriptedReply([WHOLE.slice(0, -40)], { ending: 'lost' }), NO_OPTIONS);
    await stream.send(new ScriptedReply([WHOLE]), NO_OPTIONS);
    expect(stream).toMatchObject({ failure: null, events: 6, stamped: 3 });
  });
});
