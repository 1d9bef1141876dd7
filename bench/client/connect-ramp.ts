import { buildConnector } from 'undici';

/** A server's queue of connections to accept is often 128 long or little more; beyond it the system retries after a second. */
const MOST_CONNECTING = 100;

/** A connector for undici that lets so many connections be made at a time, however many are wanted at once; the others wait. */
export function rampedConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false });
  const waiting: (() => void)[] = [];
  let connecting = 0;
  return (options, callback) => {
    const start = (): void => {
      connecting += 1;
      connect(options, (...outcome: Parameters<buildConnector.Callback>) => {
        connecting -= 1;
        waiting.shift()?.();
        callback(...outcome);
      });
    };
    if (connecting < MOST_CONNECTING) start();
    else waiting.push(start);
  };
}
