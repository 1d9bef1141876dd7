import { readProviderStats } from '../../fixtures/provider/started-provider.ts';
import { requireOpenFiles } from '../client/open-files.ts';
import { runClient, withMock } from './mock-load.ts';
import type { SelfResult } from './self-trial.ts';

const STREAMS = 5000;
const RSS_GOAL_MIB = 600;

/** Many streams open at once from one client: 20 events, a second apart. */
export async function openStreams(): Promise<SelfResult> {
  requireOpenFiles(STREAMS);
  return withMock({ eventGapMs: 1000 }, async (baseUrl) => {
    let mostOpen = 0;
    const poll = setInterval(async () => {
      const stats = await readProviderStats(baseUrl);
      if (stats !== undefined) mostOpen = Math.max(mostOpen, stats.requests.stream - stats.completed - stats.aborted);
    }, 500);
    const { samples, cpuUs } = await runClient({
      baseUrl,
      kind: 'stream',
      load: { kind: 'closed', count: STREAMS, concurrency: STREAMS, unmeasured: 0 },
    });
    clearInterval(poll);
    const rssMib = process.resourceUsage().maxRSS / 1024;
    const lag = samples.of('relay_lag');
    return {
      title: `${STREAMS} open streams`,
      goals: [
        { what: 'open at once', measured: `${mostOpen}`, goal: `${STREAMS}`, met: mostOpen === STREAMS },
        { what: 'failed', measured: `${samples.failures.total}`, goal: '0', met: samples.failures.total === 0 },
        { what: 'client memory, peak', measured: `${rssMib.toFixed(0)} MiB`, goal: `< ${RSS_GOAL_MIB} MiB`, met: rssMib < RSS_GOAL_MIB },
      ],
      tables: [
        {
          head: ['', 'p50', 'p99'],
          rows: [
            ['lag of an event at 5000 events a second', `${lag.percentile(50).toFixed(2)} ms`, `${lag.percentile(99).toFixed(2)} ms`],
            ['CPU a stream', `${cpuUs.toFixed(0)} us`, ''],
          ],
        },
      ],
      notes: samples.failures.list().map(({ kind, count, message }) => `${count} ${kind}: ${message}`),
    };
  });
}
