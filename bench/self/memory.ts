import { runOurClient } from './tools/ours.ts';
import { withMock } from './mock-load.ts';
import type { SelfResult } from './self-trial.ts';

const REQUESTS = 1_000_000;
const GOAL_MIB = 300;

/** The memory of a client that sends a million requests, in a process of its own. */
export async function memory(): Promise<SelfResult> {
  return withMock({}, async (baseUrl) => {
    const tenth = await runOurClient({
      baseUrl,
      kind: 'chat',
      load: { kind: 'closed', count: REQUESTS / 10, concurrency: 100, unmeasured: 0 },
    });
    const { peakRssMib, requests, failures } = await runOurClient({
      baseUrl,
      kind: 'chat',
      load: { kind: 'closed', count: REQUESTS, concurrency: 100, unmeasured: 0 },
    });
    return {
      title: 'memory',
      goals: [
        {
          what: `client memory over ${requests.toLocaleString('en-US')} requests, peak`,
          measured: `${peakRssMib.toFixed(0)} MiB`,
          goal: `< ${GOAL_MIB} MiB`,
          met: peakRssMib < GOAL_MIB && failures === 0,
        },
      ],
      notes: [`over a tenth as many: ${tenth.peakRssMib.toFixed(0)} MiB`],
    };
  });
}
