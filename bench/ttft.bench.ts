import { expect } from 'vitest';
import { pacing, test, ttftLoad, warmer } from './harness.ts';

/** Time to first token: the first content that is not empty. Every stream is read to its end, so none is left to burden the next. */
test('time to first token', async ({ bench, direct, proxy, settings }) => {
  const load = ttftLoad(settings);
  const report = { latency: 'ttft', header: 'ttft_header', ...pacing(settings, 'ttft_uncorrected', 'ttft_pacing_error') } as const;

  const result = await bench.compare(
    bench('direct', { load: { ...warmer(load), report: { latency: 'direct_ttft' } } }, direct.stream),
    bench('proxy', { load: { ...load, report } }, proxy.stream),
    { rounds: { count: settings.rounds, alternate: 'round' } },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});
