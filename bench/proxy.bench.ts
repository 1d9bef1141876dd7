import { expect } from 'vitest';
import { chatLoad, pacing, test, warmer } from './harness.ts';

/** Non-stream chat completions: direct and through the proxy, in turns. */
test('non-stream', async ({ bench, direct, proxy, settings }) => {
  const load = chatLoad(settings);
  const result = await bench.compare(
    bench('direct', { load: { ...warmer(load), report: { latency: 'direct' } } }, direct.chat),
    bench(
      'proxy',
      {
        load: {
          ...load,
          report: { ...report, ...pacing(settings, 'uncorrected', 'pacing_error') },
          usage: { group: 'cpu', per: 'request' },
        },
      },
      proxy.chat,
    ),
    { rounds: { count: settings.rounds, alternate: 'round' } },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const report = {
  latency: 'proxy',
  header: 'header',
  overhead: 'loaded_overhead',
  inbound: 'loaded_inbound',
  outbound: 'loaded_outbound',
} as const;
