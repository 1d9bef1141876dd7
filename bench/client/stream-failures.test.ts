import { describe, expect, it } from 'vitest';
import { chunkOf, NO_OPTIONS, ScriptedReply, sse } from './scripted-reply.fixture.ts';
import { StreamExchange } from './stream-exchange.ts';

async function exchange(...[chunks, reply]: ConstructorParameters<typeof ScriptedReply>): Promise<StreamExchange> {
  const stream = new StreamExchange();
  await stream.send(new ScriptedReply(chunks, reply), NO_OPTIONS);
  return stream;
}

const ROLE = chunkOf({ role: 'assistant' });
const HI = chunkOf({ content: 'hi' });

describe('a stream fails', () => {
  it('that ends without content', async () => {
    const stream = await exchange([sse(ROLE, chunkOf({ content: '' }), '[DONE]')]);
    expect(stream.failure).toEqual({ kind: 'no_content', status: 200, message: 'stream ended without content' });
    expect(stream.doneMs).toBeNaN();
  });

  it('that ends before a content token', async () => {
    expect((await exchange([sse(ROLE)])).failure).toEqual({
      kind: 'no_content',
      status: 200,
      message: 'stream ended before a content token',
    });
    expect((await exchange([])).failure?.kind).toBe('no_content');
  });

  it('that ends before [DONE]', async () => {
    const stream = await exchange([sse(ROLE, HI)]);
    expect(stream.failure).toEqual({ kind: 'no_done', status: 200, message: 'stream ended before [DONE]' });
    expect(stream.doneMs).toBeNaN();
  });

  it.each(['{"choices": [', 'hello', 'null', '{"choices": [null]}', '[]'])(
    'or does not throw on an event that is no chunk: %s',
    async (event) => {
      const stream = await exchange([sse(ROLE, event, '[DONE]')]);
      expect(stream.failure?.kind).toMatch(/^(malformed|no_content)$/);
      expect(stream.doneMs).toBeNaN();
    },
  );

  it('with an error event, whatever comes behind it', async () => {
    const error = { error: { message: 'overloaded', code: '503' } };
    for (const ending of ['complete', 'lost'] as const) {
      const stream = await exchange([sse(ROLE, HI, error, HI, '[DONE]')], { ending });
      expect(stream.failure).toEqual({ kind: 'stream_error', status: 200, message: 'overloaded' });
      expect(stream.doneMs).toBeNaN();
    }
  });

  it('whose connection is lost before [DONE]', async () => {
    const stream = await exchange([sse(ROLE, HI)], { ending: 'lost' });
    expect(stream.failure).toEqual({ kind: 'reset', status: 200, message: 'other side closed' });
    expect(stream.doneMs).toBeNaN();
  });

  it('for its first reason, where the connection is lost later', async () => {
    expect((await exchange([sse(ROLE, '{"half')], { ending: 'lost' })).failure?.kind).toBe('malformed');
  });

  it('on another status', async () => {
    expect((await exchange(['{"error": "no"}'], { status: 401 })).failure).toEqual({
      kind: 'http_401',
      status: 401,
      message: '{"error": "no"}',
    });
  });
});

describe('a stream does not fail', () => {
  it('whose connection is lost after [DONE]', async () => {
    const stream = await exchange([sse(ROLE, HI, '[DONE]')], { ending: 'lost' });
    expect(stream.failure).toBeNull();
    expect(stream.doneMs).not.toBeNaN();
  });

  it('whose connection stays open behind [DONE] until it is given up', async () => {
    const stream = new StreamExchange();
    const sent = stream.send(new ScriptedReply([sse(ROLE, HI, '[DONE]')], { ending: 'open' }), NO_OPTIONS);
    stream.abort(new Error('given up'));
    await sent;
    expect(stream.failure).toBeNull();
  });
});
