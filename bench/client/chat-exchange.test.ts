import { describe, expect, it } from 'vitest';
import { formatStamps } from '../../fixtures/provider/stamps.ts';
import { ChatExchange } from './chat-exchange.ts';
import { NO_OPTIONS, ScriptedReply } from './scripted-reply.fixture.ts';

async function exchange(...[chunks, reply]: ConstructorParameters<typeof ScriptedReply>): Promise<ChatExchange> {
  const chat = new ChatExchange();
  await chat.send(new ScriptedReply(chunks, reply), NO_OPTIONS);
  return chat;
}

function completion(content: unknown): string {
  return JSON.stringify({ object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content } }] });
}

describe('a chat completion', () => {
  it('succeeds with status 200 and content', async () => {
    const chat = await exchange([completion('hi')]);
    expect(chat).toMatchObject({ failure: null, status: 200, inFlight: false });
    expect(chat.sentMs).toBeLessThanOrEqual(chat.firstByteMs);
    expect(chat.firstByteMs).toBeLessThanOrEqual(chat.doneMs);
  });

  it('succeeds with the text of a legacy completion', async () => {
    expect((await exchange([JSON.stringify({ choices: [{ text: 'hi' }] })])).failure).toBeNull();
  });

  it('is the same wherever the network cuts its body, in the middle of a character too', async () => {
    const body = Buffer.from(completion(`größer 🚀 ${formatStamps(1000, 2000)}`));
    for (let cut = 1; cut < body.length; cut += 1) {
      expect(await exchange([body.subarray(0, cut), body.subarray(cut)])).toMatchObject({
        failure: null,
        receivedMs: 1000,
        lastSentMs: 2000,
      });
    }
  });

  it("reads the mock's stamps, and has none without them", async () => {
    expect(await exchange([completion(formatStamps(1000.5, 2000.25))])).toMatchObject({
      receivedMs: 1000.5,
      firstSentMs: 2000.25,
      lastSentMs: 2000.25,
    });
    const plain = await exchange([completion('hi')]);
    expect([plain.receivedMs, plain.firstSentMs, plain.firstStampMs]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it("reads LiteLLM's headers", async () => {
    const headers = { 'x-litellm-overhead-duration-ms': '1.25', 'x-litellm-version': '1.2.3' };
    expect(await exchange([completion('hi')], { headers })).toMatchObject({ headerMs: 1.25, version: '1.2.3' });
  });

  it.each([
    ['null', null],
    ['empty', ''],
    ['absent', undefined],
  ])('fails without content: %s', async (_name, content) => {
    const chat = await exchange([completion(content)]);
    expect(chat.failure).toMatchObject({ kind: 'no_content', status: 200, message: expect.stringContaining('reply without content') });
    expect(chat.doneMs).toBeNaN();
  });

  it.each(['{"choices": [', '', 'null', '[]', '"hi"', '{"choices": [null]}'])(
    'fails and does not throw on a body that is no completion: %s',
    async (body) => {
      const chat = await exchange([body]);
      expect(chat.failure?.kind).toMatch(/^(malformed|no_content)$/);
      expect(chat.doneMs).toBeNaN();
    },
  );

  it('fails on another status, with the first 200 characters of what the server said', async () => {
    const chat = await exchange(['e'.repeat(150), 'f'.repeat(5000)], { status: 503 });
    expect(chat.failure).toEqual({ kind: 'http_503', status: 503, message: 'e'.repeat(150) + 'f'.repeat(50) });
    expect(chat.doneMs).toBeNaN();
  });

  it('fails on a connection that is lost before the end', async () => {
    expect((await exchange([completion('hi')], { ending: 'lost' })).failure).toEqual({
      kind: 'reset',
      status: 200,
      message: 'other side closed',
    });
  });

  it('leaves nothing behind for the next request of its slot', async () => {
    const chat = new ChatExchange();
    await chat.send(new ScriptedReply(['{"half"'], { headers: { 'x-litellm-overhead-duration-ms': '9' }, ending: 'lost' }), NO_OPTIONS);
    await chat.send(new ScriptedReply([completion('hi')]), NO_OPTIONS);
    expect(chat).toMatchObject({ failure: null, status: 200, headerMs: Number.NaN, receivedMs: Number.NaN });
  });
});
