import { expect } from 'vitest';
import { chatLoad, test } from './harness.ts';

/** Non-stream chat completions: direct and through the proxy, in turns. */
test('non-stream', async ({ bench, direct, proxy, settings }) => {
  const load = chatLoad(settings);
  const result = await bench.compare(
    bench('direct', { load: { ...load, report: { latency: 'direct' } } }, direct.chat),
    bench('proxy', { load: { ...load, report: { latency: 'proxy', header: 'header' }, usage: { group: 'cpu', per: 'request' } } }, proxy.chat),
    { rounds: { count: settings.rounds, alternate: 'round' } },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});
