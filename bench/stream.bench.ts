import { expect } from 'vitest';
import { inBlocks, pacing, sharedStreams, test, warmer } from './harness.ts';

/** Whole streams: from the request to `[DONE]`; those whose first token `ttft.bench.ts` timed, where that has run. */
test('full stream', async ({ bench, direct, proxy, settings, skip }) => {
  skip(!settings.measureFullStream, 'left out by --no-measure-full-stream');
  const load = sharedStreams(settings);
  const beside = { ...warmer(load), report: { latency: 'direct_stream' } } as const;
  const through = { ...load, report: { ...report, ...pacing(settings, late) }, usage } as const;

  const result = await bench.compare(bench('direct', { load: beside }, direct.stream), bench('proxy', { load: through }, proxy.stream), {
    rounds: inBlocks(settings),
  });
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const usage = { group: 'cpu', per: 'stream' } as const;

const report = {
  latency: 'stream',
  header: 'stream_header',
  overhead: 'loaded_stream_overhead',
  relay_lag: 'loaded_relay_lag',
} as const;

const late = { uncorrected: 'stream_uncorrected', pacing_error: 'stream_pacing_error' } as const;
