import { expect, inject } from 'vitest';
import { readProviderStats } from '../fixtures/provider/started-provider.ts';
import { readProxyState } from '../fixtures/control.ts';
import { monotonicMs } from '../fixtures/clock.ts';
import { measureCapacity } from './capacity/capacity.ts';
import { mostInFlight } from './client/open-files.ts';
import { test } from './harness.ts';
import { progressSender } from './load/progress.ts';
import { ProxyWatch } from './load/proxy-watch.ts';
import { ResourceMeter } from './load/resources.ts';
import { SenderThreads } from './load/sender-threads.ts';
import { mixFor } from './stats/slo.ts';

const WARM_UP_MS = 2000;
const MEASURED_MS = 8000;

/** The highest rate, arriving as it pleases, that the proxy carries within `--slo`. */
test('capacity', async ({ proxy, settings, task, signal }) => {
  const { controlUrl, providerUrl, mock } = inject('world');
  const limits = settings.slo ?? [];
  using watch = new ProxyWatch(controlUrl, signal);
  await using threads = settings.clientThreads > 1 ? new SenderThreads(settings.clientThreads, true) : undefined;
  const found = await measureCapacity({
    endpoint: proxy,
    kinds: { ...mixFor(limits, settings.mix), hangUps: 0, seed: settings.seed },
    limits,
    slo: limits.map(({ text }) => text).join(', '),
    startRate: settings.rate,
    seed: settings.seed,
    load: { arrival: settings.arrival, mostInFlight: mostInFlight(), warmupMs: WARM_UP_MS, measuredMs: settings.duration ?? MEASURED_MS },
    clientThreads: settings.clientThreads,
    meter: new ResourceMeter({
      proxy: async () => (await readProxyState(controlUrl)).usage,
      provider: () => (mock ? readProviderStats(providerUrl) : Promise.resolve(undefined)),
    }),
    now: monotonicMs,
    signal: watch.signal,
    look: () => watch.look(),
    onProgress: progressSender(task, task.name),
    ...(threads && { runBlock: threads.runBlock }),
  });
  task.meta.load = { title: task.name, pass: inject('pass'), ...found };
  watch.check();
  expect(found).toMeetBudgets(settings.budgets);
});
