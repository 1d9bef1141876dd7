import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultRule } from '../../fixtures/gateway/options.ts';
import { type StartedGateway, startGateway } from '../../fixtures/gateway/started-gateway.ts';
import { DEFAULT_PROVIDER_OPTIONS } from '../../fixtures/provider/options.ts';
import { type StartedProvider, startProvider } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from './endpoint.ts';

let provider: StartedProvider;

beforeAll(async () => {
  provider = await startProvider({ ...DEFAULT_PROVIDER_OPTIONS, eventGapMs: 2 });
});
afterAll(() => provider.stop());

function endpoint(baseUrl: string, timeoutMs = 10_000): Endpoint {
  return new Endpoint({ baseUrl, apiKey: 'sk-test', model: 'm', timeoutMs });
}

function spoilt(...faults: FaultRule[]): Promise<StartedGateway> {
  return startGateway({ upstreamUrl: provider.baseUrl, faults });
}

const CHAT_FAULTS: [Fault, string, number, string][] = [
  ['http_500', 'http_500', 500, 'scripted fault: http_500'],
  ['http_429', 'http_429', 429, 'scripted fault: http_429'],
  ['reset', 'reset', 0, ''],
  ['no_content', 'no_content', 200, 'reply without content'],
  ['empty_content', 'no_content', 200, 'reply without content'],
  ['malformed_json', 'malformed', 200, 'JSON'],
  ['cut_body', 'reset', 200, ''],
];
const STREAM_FAULTS: typeof CHAT_FAULTS = [
  ['http_500', 'http_500', 500, 'scripted fault: http_500'],
  ['http_429', 'http_429', 429, 'scripted fault: http_429'],
  ['reset', 'reset', 0, ''],
  ['no_content', 'no_content', 200, 'stream ended without content'],
  ['empty_content', 'no_content', 200, 'stream ended without content'],
  ['cut_stream', 'reset', 200, ''],
  ['no_done', 'no_done', 200, 'stream ended before [DONE]'],
  ['malformed_event', 'malformed', 200, 'JSON'],
  ['error_event', 'stream_error', 200, 'scripted fault: error_event'],
];

describe('an endpoint', () => {
  it.each(CHAT_FAULTS)('counts a chat completion with %s as %s', async (fault, kind, status, said) => {
    await using gateway = await spoilt({ fault, every: 1 });
    await using client = endpoint(gateway.baseUrl);
    const { failure, doneMs } = await client.chat();
    expect(failure).toEqual({ kind, status, message: expect.stringContaining(said) });
    expect(doneMs).toBeNaN();
  });

  it.each(STREAM_FAULTS)('counts a stream with %s as %s', async (fault, kind, status, said) => {
    await using gateway = await spoilt({ fault, every: 1 });
    await using client = endpoint(gateway.baseUrl);
    const { failure, doneMs } = await client.stream();
    expect(failure).toEqual({ kind, status, message: expect.stringContaining(said) });
    expect(doneMs).toBeNaN();
  });

  it('gives up a request that hangs when its time is over', async () => {
    await using gateway = await spoilt({ fault: 'hang', every: 1 });
    await using client = endpoint(gateway.baseUrl, 200);
    const { failure, doneMs, sentMs } = await client.chat();
    expect(failure).toEqual({ kind: 'timeout', status: 0, message: 'no complete reply within 0.2 s' });
    expect([sentMs, doneMs]).toEqual([expect.any(Number), Number.NaN]);
  });

  it('gives up a stream that does not end in time', async () => {
    await using gateway = await startGateway({ upstreamUrl: provider.baseUrl, outboundMs: 2000 });
    await using client = endpoint(gateway.baseUrl, 200);
    expect((await client.stream()).failure?.kind).toBe('timeout');
  });

  it('counts a refused connection', async () => {
    await using client = endpoint(await refusing());
    const { failure, doneMs } = await client.chat();
    expect(failure).toEqual({ kind: 'connect', status: 0, message: expect.stringContaining('ECONNREFUSED') });
    expect(doneMs).toBeNaN();
  });

  it.each<FaultRule>([
    { fault: 'http_500', every: 2 },
    { fault: 'reset', every: 2 },
    { fault: 'cut_body', every: 2 },
    { fault: 'hang', every: 2 },
  ])('goes on with the same slot after $fault', async (rule) => {
    await using gateway = await spoilt(rule);
    await using client = endpoint(gateway.baseUrl, 300);
    const failed: boolean[] = [];
    for (let index = 0; index < 6; index += 1) failed.push((await client.chat()).failure !== null);
    expect(failed).toEqual([false, true, false, true, false, true]);
  });

  it('reads streams that a gateway spoils on and off, with times in order', async () => {
    await using gateway = await spoilt({ fault: 'cut_stream', every: 3 }, { fault: 'error_event', every: 2 });
    await using client = endpoint(gateway.baseUrl);
    for (let index = 1; index <= 6; index += 1) {
      const { failure, sentMs, firstContentMs, doneMs, stamped } = await client.stream();
      expect(failure === null).toBe(index === 1 || index === 5);
      if (failure === null) expect([sentMs <= firstContentMs, firstContentMs <= doneMs, stamped]).toEqual([true, true, 20]);
    }
  });

  it.each(['merge', 'split', 'as-is'] as const)(
    'reads all events of a gateway that rewrites them and has network chunks %s',
    async (networkChunks) => {
      await using gateway = await startGateway({ upstreamUrl: provider.baseUrl, rewriteEvents: true, networkChunks });
      await using client = endpoint(gateway.baseUrl);
      expect(await client.stream()).toMatchObject({ failure: null, events: 22, stamped: 20, headerMs: 1.5, version: '0.0.0-gateway' });
    },
  );

  it('hangs up in the middle of a stream, and goes on with the same slot', async () => {
    await using client = endpoint(provider.baseUrl);
    const { exchange } = client.streamSlot(0);
    exchange.hangUpAfter = 5;
    expect((await client.stream()).failure).toEqual({ kind: 'cancelled', status: 200, message: 'the client hung up' });
    exchange.hangUpAfter = 0;
    expect(await client.stream()).toMatchObject({ failure: null, stamped: 20 });
  });

  it('uses one connection a slot, again and again', async () => {
    const ports = new Set<number | undefined>();
    await using server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume();
      response.end('{"choices":[{"message":{"content":"hi"}}]}');
    });
    await using client = endpoint(server.baseUrl);
    for (let round = 0; round < 3; round += 1) await Promise.all([client.chat(0), client.chat(1)]);
    expect(ports.size).toBe(2);
  });

  it.each(['', '/', '/v1', '/v1/', '/gateway', '/gateway/v1'])('finds the path from a base URL that ends in "%s"', async (end) => {
    const seen: unknown[] = [];
    await using server = await serve((request, response) => {
      seen.push(request.url, request.headers.authorization);
      request.resume();
      response.end('{}');
    });
    await using client = endpoint(`${server.baseUrl}${end}`);
    await client.chat();
    expect(seen).toEqual([`${end.includes('gateway') ? '/gateway' : ''}/v1/chat/completions`, 'Bearer sk-test']);
  });
});

async function serve(listener: RequestListener): Promise<AsyncDisposable & { baseUrl: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An address at which nobody listens any more. */
async function refusing(): Promise<string> {
  await using server = await serve(() => {});
  return server.baseUrl;
}
