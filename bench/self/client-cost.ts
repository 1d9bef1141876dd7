import { median } from '../stats/percentile.ts';
import { type ClientRun, runClient, withMock } from './mock-load.ts';
import type { SelfResult } from './self-trial.ts';

const CHAT_GOAL_US = 50;
const STREAM_GOAL_US = 120;
const RATE_GOAL = 15_000;
const RUNS = 5;

/** What the client uses of the CPU, and how fast it is at most: 100 in flight against the mock. */
export async function clientCost(): Promise<SelfResult> {
  return withMock({}, async (baseUrl) => {
    const chat = await runs(baseUrl, 'chat', 20_000);
    const stream = await runs(baseUrl, 'stream', 10_000);
    const [chatUs, streamUs] = [median(chat.map(({ cpuUs }) => cpuUs)), median(stream.map(({ cpuUs }) => cpuUs))];
    const rate = median(chat.map(({ perSecond }) => perSecond));
    return {
      title: 'client cost, 100 in flight',
      goals: [
        { what: 'CPU a chat request', measured: `${chatUs.toFixed(1)} us`, goal: `<= ${CHAT_GOAL_US} us`, met: chatUs <= CHAT_GOAL_US },
        {
          what: 'CPU a stream of 20 events',
          measured: `${streamUs.toFixed(1)} us`,
          goal: `<= ${STREAM_GOAL_US} us`,
          met: streamUs <= STREAM_GOAL_US,
        },
        { what: 'requests a second', measured: `${rate.toFixed(0)} /s`, goal: `>= ${RATE_GOAL} /s`, met: rate >= RATE_GOAL },
      ],
    };
  });
}

async function runs(baseUrl: string, kind: 'chat' | 'stream', count: number): Promise<ClientRun[]> {
  const list: ClientRun[] = [];
  for (let run = 0; run < RUNS; run += 1)
    list.push(await runClient({ baseUrl, kind, load: { kind: 'closed', count, concurrency: 100, unmeasured: 0 } }));
  return list;
}
