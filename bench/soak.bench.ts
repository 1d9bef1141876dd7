import { expect, inject } from 'vitest';
import { monotonicMs } from '../fixtures/clock.ts';
import { readProxyState } from '../fixtures/control.ts';
import { mostInFlight } from './client/open-files.ts';
import { test } from './harness.ts';
import { progressSender } from './load/progress.ts';
import { ProxyWatch } from './load/proxy-watch.ts';
import { SenderThreads } from './load/sender-threads.ts';
import { soakResult } from './soak/soak-result.ts';
import { soak } from './soak/soak.ts';

/** Of the streams, as users who close the window. */
const HANG_UPS = 0.05;

/** Whether memory, latency or open files of the proxy grow with time. */
test('soak', async ({ proxy, settings, task, signal }) => {
  const { controlUrl } = inject('world');
  using watch = new ProxyWatch(controlUrl, signal);
  await using threads = settings.clientThreads > 1 ? new SenderThreads(settings.clientThreads, true) : undefined;
  const record = await soak({
    endpoint: proxy,
    kinds: { chat: 0.5, stream: 0.5, ...settings.mix, hangUps: HANG_UPS, seed: settings.seed },
    durationMs: settings.soak ?? 0,
    rate: settings.rate,
    load: { arrival: settings.arrival, mostInFlight: mostInFlight(), seed: settings.seed },
    readProxy: () => readProxyState(controlUrl),
    now: monotonicMs,
    signal: watch.signal,
    onProgress: progressSender(task, task.name),
    ...(threads && { runBlock: threads.runBlock }),
  });
  const found = soakResult(record);
  task.meta.load = { title: task.name, pass: inject('pass'), ...found };
  watch.check();
  expect(found).toMeetBudgets(settings.budgets);
});
