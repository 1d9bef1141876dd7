import { runClient, withMock } from './mock-load.ts';
import type { SelfResult } from './self-trial.ts';

const RATES = [50, 300, 2000];
const GOAL_MS = 1;

/** How late an open loop sends. */
export async function pacing(): Promise<SelfResult> {
  return withMock({}, async (baseUrl) => {
    await runClient({ baseUrl, kind: 'chat', load: { kind: 'closed', count: 5000, concurrency: 50, unmeasured: 0 } });
    const rows: string[][] = [];
    let worstMs = Number.NaN;
    for (const rate of RATES) {
      const load = { kind: 'open', rate, arrival: 'poisson', seed: 1, durationMs: 6000, unmeasuredMs: 1000, mostInFlight: 1000 } as const;
      const { samples, outcome, cpuUs } = await runClient({ baseUrl, kind: 'chat', load });
      const late = samples.of('pacing_error');
      worstMs = late.percentile(99);
      rows.push([
        `${rate} /s`,
        `${late.percentile(50).toFixed(3)} ms`,
        `${worstMs.toFixed(3)} ms`,
        `${late.percentile(99.9).toFixed(3)} ms`,
        `${outcome.notSent}`,
        `${cpuUs.toFixed(0)} us`,
      ]);
    }
    return {
      title: 'pacing, Poisson arrivals',
      goals: [
        {
          what: `pacing error p99 at ${RATES.at(-1)} /s`,
          measured: `${worstMs.toFixed(3)} ms`,
          goal: `< ${GOAL_MS} ms`,
          met: worstMs < GOAL_MS,
        },
      ],
      tables: [{ head: ['rate', 'p50', 'p99', 'p99.9', 'not sent', 'CPU a request'], rows }],
    };
  });
}
