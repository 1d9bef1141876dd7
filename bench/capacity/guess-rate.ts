import type { Clock } from '../../fixtures/clock.ts';
import type { Endpoint } from '../client/endpoint.ts';
import type { Kinds } from '../client/traffic.ts';
import { driveClosed } from '../load/driver.ts';
import type { Progress } from '../load/rounds.ts';

const SPAN = { count: 200, concurrency: 16 };
/** When nothing is answered at all, there must still be a rate to begin with. */
const LOWEST_RATE = 0.1;

interface GuessContext {
  readonly endpoint: Endpoint;
  readonly kinds: Kinds;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What a closed loop of a few in flight completes a second, which warms the proxy up as well. */
export async function guessRate({ endpoint, kinds, signal, now, onProgress }: GuessContext): Promise<number> {
  const send = endpoint.mixed({ ...kinds, hangUps: 0 });
  onProgress({ phase: 'warm-up', step: '', done: 0, total: SPAN.count, failures: 0 });
  await driveClosed({ send, onDone: () => {}, signal, now }, SPAN);
  let succeeded = 0;
  const { startedMs, endedMs } = await driveClosed(
    { send, onDone: ({ failure }) => void (failure === null && (succeeded += 1)), signal, now },
    SPAN,
  );
  return Math.max((succeeded / (endedMs - startedMs)) * 1000, LOWEST_RATE);
}
