import { expect } from 'vitest';
import { inBlocks, pacing, sharedStreams, test, warmer } from './harness.ts';

/**
 * Time to first token: the first content that is not empty. Every stream is read to its end, so none is left to burden the
 * next, and `stream.bench.ts` reads the rest of the same streams.
 */
test('time to first token', async ({ bench, direct, proxy, settings }) => {
  const load = sharedStreams(settings);
  const report = { ttft: 'ttft', header: 'ttft_header', ...pacing(settings, late) } as const;
  const through = { ...load, report, usage } as const;

  const result = await bench.compare(
    bench('direct', { load: { ...warmer(load), report: { ttft: 'direct_ttft' } } }, direct.stream),
    bench('proxy', { load: through }, proxy.stream),
    { rounds: inBlocks(settings) },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const usage = { group: 'cpu', per: 'stream' } as const;

const late = { ttft_uncorrected: 'ttft_uncorrected', pacing_error: 'ttft_pacing_error' } as const;
