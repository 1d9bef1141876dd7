import { createRequire } from 'node:module';
import type { buildConnector, Client } from 'undici';
import type { ConnectRamp } from './connect-ramp.ts';

const require = createRequire(import.meta.url);

/** undici's client for one connection over TLS. undici is loaded with the first: that takes 70 ms of CPU, and most runs need none. */
export function tlsClient(origin: URL, ramp: ConnectRamp, timeoutMs: number): Client {
  const undici = require('undici') as typeof import('undici');
  const connect = undici.buildConnector({ timeout: timeoutMs, allowH2: false });
  const connector: buildConnector.connector = (options, callback) =>
    ramp.enter((leave) =>
      connect(options, (...outcome: Parameters<buildConnector.Callback>) => {
        leave();
        callback(...outcome);
      }),
    );
  return new undici.Client(origin.origin, {
    pipelining: 1,
    connect: connector,
    // The whole request has one time-out, which the endpoint sweeps; undici's own would only add timers to every request.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 600_000,
  });
}
