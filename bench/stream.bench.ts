import { expect } from 'vitest';
import { pacing, streamLoad, test, warmer } from './harness.ts';

/** Whole streams: from the request to `[DONE]`. */
test('full stream', async ({ bench, direct, proxy, settings, skip }) => {
  skip(!settings.measureFullStream, 'left out by --no-measure-full-stream');
  const load = streamLoad(settings);
  const result = await bench.compare(
    bench('direct', { load: { ...warmer(load), report: { latency: 'direct_stream' } } }, direct.stream),
    bench(
      'proxy',
      {
        load: {
          ...load,
          report: { ...report, ...pacing(settings, 'stream_uncorrected', 'stream_pacing_error') },
          usage: { group: 'cpu', per: 'stream' },
        },
      },
      proxy.stream,
    ),
    { rounds: { count: settings.rounds, alternate: 'round' } },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const report = { latency: 'stream', header: 'stream_header', overhead: 'loaded_stream_overhead', relay_lag: 'loaded_relay_lag' } as const;
