import { expect } from 'vitest';
import { chatLoad, inBlocks, pacing, test, warmer } from './harness.ts';

/** Non-stream chat completions: direct and through the proxy, in turns. */
test('non-stream', async ({ bench, direct, proxy, settings }) => {
  const load = chatLoad(settings);
  const beside = { ...warmer(load), report: { latency: 'direct' } } as const;
  const through = { ...load, report: { ...report, ...pacing(settings, late) }, usage } as const;

  const result = await bench.compare(bench('direct', { load: beside }, direct.chat), bench('proxy', { load: through }, proxy.chat), {
    rounds: inBlocks(settings),
  });
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const usage = { group: 'cpu', per: 'request' } as const;

const report = {
  latency: 'proxy',
  header: 'header',
  overhead: 'loaded_overhead',
  inbound: 'loaded_inbound',
  outbound: 'loaded_outbound',
} as const;

const late = { uncorrected: 'uncorrected', pacing_error: 'pacing_error' } as const;
