import { describe, expect, it } from 'vitest';
import { ReplyParser, ReplySyntaxError } from './reply-parser.ts';

interface Told {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
  ended: boolean;
  reusable: boolean;
}

/** Feeds pieces one by one, as they come off a connection that reuses its buffer; `left` is what was over behind the reply. */
function parse(pieces: readonly string[]): Told & { left: number; parser: ReplyParser } {
  const told: Told = { status: 0, headers: {}, body: '', ended: false, reusable: false };
  const parser = new ReplyParser({
    onHead: (status, headers) => Object.assign(told, { status, headers }),
    onBody: (chunk) => void (told.body += chunk.toString('latin1')),
    onEnd: (reusable) => Object.assign(told, { ended: true, reusable }),
  });
  let left = 0;
  for (const piece of pieces) {
    const buffer = Buffer.from(piece, 'latin1');
    left = parser.feed(buffer);
    buffer.fill('#');
  }
  return Object.assign(told, { left, parser });
}

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 11\r\n\r\nhello world';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;name=value\r\nworld\r\n0\r\nX-Trailer: 1\r\nX-Other: 2\r\n\r\n';

describe('a reply parser', () => {
  it.each([
    ['a body of known length', LENGTH],
    ['chunks', CHUNKED],
    ['a reply announced by 100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${LENGTH}`],
  ])('reads %s, split in two at every byte', (_what, reply) => {
    for (let at = 0; at <= reply.length; at += 1) {
      const { status, body, ended, reusable, left } = parse([reply.slice(0, at), reply.slice(at)].filter((piece) => piece !== ''));
      expect({ at, status, body, ended, reusable, left }).toEqual({
        at,
        status: 200,
        body: 'hello world',
        ended: true,
        reusable: true,
        left: 0,
      });
    }
  });

  it.each([LENGTH, CHUNKED])('reads a reply that comes byte by byte', (reply) => {
    expect(parse([...reply])).toMatchObject({ status: 200, body: 'hello world', ended: true });
  });

  it('gives header names in lower case, values without space around, and joins repeated ones', () => {
    const { headers } = parse([
      'HTTP/1.1 200 OK\r\nX-LiteLLM-Version:  1.83.14 \r\nVia: a\r\nvia: b\r\nEmpty:\r\ncontent-length: 0\r\n\r\n',
    ]);
    expect(headers).toEqual({ 'x-litellm-version': '1.83.14', via: 'a, b', empty: '', 'content-length': '0' });
  });

  it.each([
    ['length 0', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['no chunk but the last', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('ends a reply without a body at once: %s', (_what, reply) => {
    expect(parse([reply])).toMatchObject({ body: '', ended: true, left: 0 });
  });

  it('reads a body of unknown length until the connection closes', () => {
    const told = parse(['HTTP/1.1 200 OK\r\n\r\nhello ', 'world']);
    expect(told).toMatchObject({ body: 'hello world', ended: false });
    expect(told.parser.close()).toBe(true);
    expect(told).toMatchObject({ ended: true, reusable: false });
  });

  it.each([LENGTH, CHUNKED])('does not take a connection that closes early for the end', (reply) => {
    const told = parse([reply.slice(0, -1)]);
    expect(told.parser.close()).toBe(false);
    expect(told.ended).toBe(false);
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 0\r\n\r\n', true],
  ])('knows whether the connection can be used again: %j', (reply, reusable) => {
    expect(parse([reply])).toMatchObject({ ended: true, reusable });
  });

  it('says how much came behind the end of a reply', () => {
    expect(parse([`${LENGTH}HTTP/1.1`])).toMatchObject({ body: 'hello world', ended: true, left: 8 });
  });

  it('reads one reply after another', () => {
    expect(parse([LENGTH, CHUNKED, LENGTH])).toMatchObject({ body: 'hello world'.repeat(3), left: 0 });
  });

  it('begins anew after a reply that broke off', () => {
    const told = parse([CHUNKED.slice(0, 60)]);
    told.parser.reset();
    told.body = '';
    told.parser.feed(Buffer.from(LENGTH));
    expect(told).toMatchObject({ body: 'hello world', ended: true });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status that is no number', 'HTTP/1.1 2x0 OK\r\n\r\n'],
    ['a line that is no header', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['two lengths that differ', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n'],
    ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(50_000)}`],
    ['a chunk size without end', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'0'.repeat(5000)}`],
  ])('refuses %s', (_what, reply) => {
    expect(() => parse([reply])).toThrow(ReplySyntaxError);
  });
});
