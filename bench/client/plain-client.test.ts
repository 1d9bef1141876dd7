import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectRamp } from './connect-ramp.ts';
import { PlainClient } from './plain-client.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const REQUEST: Dispatcher.DispatchOptions = {
  method: 'POST',
  path: '/v1/chat/completions',
  headers: ['content-type', 'application/json', 'authorization', 'Bearer sk-test'],
  body: Buffer.from('{"model":"m"}'),
};

/** A server that answers whatever comes in one piece; `answer` gets the connection's number and all that has come on it. */
async function server(
  answer: (socket: Socket, connection: number, request: string) => void,
): Promise<{ origin: URL; connections: Socket[] }> {
  const connections: Socket[] = [];
  const listening: Server = createServer((socket) => {
    const connection = connections.push(socket);
    socket.on('error', () => {}).on('data', (bytes: Buffer) => answer(socket, connection, bytes.toString()));
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    listening.close();
  });
  return { origin: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`), connections };
}

function clientOf(origin: URL): PlainClient {
  const client = new PlainClient(origin, new ConnectRamp());
  onTestFinished(() => client.destroy(new Error('the test is over')));
  return client;
}

/** The reply's status and body, or the error. */
function send(client: PlainClient, started: () => void = () => {}): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status = 0;
    client.dispatch(REQUEST, {
      onRequestStart: started,
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => resolve(`${status} ${Buffer.concat(chunks).toString()}`),
      onResponseError: (_controller, error) => resolve(`${error.name}: ${error.message}`),
    });
  });
}

describe('a plain client', () => {
  it('sends the request as HTTP/1.1 has it', async () => {
    let received = '';
    const { origin } = await server((socket, _connection, request) => {
      received = request;
      socket.write(OK);
    });
    expect(await send(clientOf(origin))).toBe('200 ok');
    expect(received).toBe(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${origin.host}\r\nconnection: keep-alive\r\ncontent-type: application/json\r\nauthorization: Bearer sk-test\r\ncontent-length: 13\r\n\r\n{"model":"m"}`,
    );
  });

  it('uses its connection again', async () => {
    const { origin, connections } = await server((socket) => socket.write(OK));
    const client = clientOf(origin);
    expect([await send(client), await send(client), await send(client)]).toEqual(['200 ok', '200 ok', '200 ok']);
    expect(connections).toHaveLength(1);
  });

  it('keeps the pieces of a body that comes slowly, although all connections read into one buffer', async () => {
    const { origin } = await server((socket, connection) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n${String(connection).repeat(4)}`);
      setTimeout(() => socket.write(String(connection).repeat(4)), 20);
    });
    const replies = await Promise.all([send(clientOf(origin)), send(clientOf(origin)), send(clientOf(origin))]);
    expect(replies.toSorted()).toEqual(['200 11111111', '200 22222222', '200 33333333']);
  });

  it.each([
    ['says connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
    ['says something between two requests', `${OK}HTTP/1.1 408 Request Timeout\r\n\r\n`],
    ['may wait for no time at all', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok'],
  ])('connects again when the server %s', async (_what, reply) => {
    const { origin, connections } = await server((socket) => socket.write(reply));
    const client = clientOf(origin);
    expect([await send(client), await send(client)]).toEqual(['200 ok', '200 ok']);
    expect(connections).toHaveLength(2);
  });

  it('connects again when the server has closed the idle connection', async () => {
    const { origin, connections } = await server((socket) => socket.write(OK));
    const client = clientOf(origin);
    await send(client);
    connections[0]?.end();
    await once(connections[0] as Socket, 'close');
    expect(await send(client)).toBe('200 ok');
    expect(connections).toHaveLength(2);
  });

  it('reads a body of unknown length until the server closes', async () => {
    const { origin } = await server((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    expect(await send(clientOf(origin))).toBe('200 all of it');
  });

  it('fails a request whose reply breaks off, and goes on with the next', async () => {
    const { origin } = await server((socket, connection) => (connection === 1 ? socket.end(OK.slice(0, -1)) : socket.write(OK)));
    const client = clientOf(origin);
    expect(await send(client)).toBe('ConnectionLostError: other side closed');
    expect(await send(client)).toBe('200 ok');
  });

  it('fails a request whose reply is no HTTP, and goes on with the next', async () => {
    const { origin } = await server((socket, connection) => socket.write(connection === 1 ? 'nonsense\r\n\r\n' : OK));
    const client = clientOf(origin);
    expect(await send(client)).toContain('ReplySyntaxError: not an HTTP/1.1 reply: "nonsense"');
    expect(await send(client)).toBe('200 ok');
  });

  it('gives up a request that is aborted, and what comes for it later is not the next one’s', async () => {
    const { origin } = await server((socket, connection) => {
      if (connection > 1) socket.write(OK);
      else setTimeout(() => socket.write('HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n'), 20);
    });
    const client = clientOf(origin);
    const first = send(client, () => setImmediate(() => client.abort(new Error('enough'))));
    expect(await first).toBe('Error: enough');
    expect(await send(client)).toBe('200 ok');
  });

  it('takes one request at a time', async () => {
    const { origin } = await server(() => {});
    const client = clientOf(origin);
    void send(client);
    expect(() => client.dispatch(REQUEST, {})).toThrow('one request at a time');
  });

  it('fails what is on its way when it is destroyed, and all later requests', async () => {
    const { origin } = await server(() => {});
    const client = clientOf(origin);
    const reply = send(client);
    await client.destroy(new Error('the run ended'));
    expect([await reply, await send(client)]).toEqual(['Error: the run ended', 'Error: the run ended']);
  });
});
