import { expect } from 'vitest';
import { mixedLoad, pacing, test, warmer } from './harness.ts';

/** Non-stream requests and streams in one open loop, as `--mix` weighs them: direct and through the proxy, in turns. */
test('mix', async ({ bench, direct, proxy, settings }) => {
  const load = mixedLoad(settings);
  const kinds = { chat: 0.5, stream: 0.5, ...settings.mix, hangUps: 0, seed: settings.seed };
  const result = await bench.compare(
    bench('direct', { load: { ...warmer(load), report: { latency: 'direct_mix' } } }, direct.mixed(kinds)),
    bench(
      'proxy',
      {
        load: {
          ...load,
          report: { ...report, ...pacing(settings, 'mix_uncorrected', 'mix_pacing_error') },
          usage: { group: 'cpu', per: 'request' },
        },
      },
      proxy.mixed(kinds),
    ),
    { rounds: { count: settings.rounds, alternate: 'round' } },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const report = { latency: 'mix', chat: 'mix_chat', stream: 'mix_stream', ttft: 'mix_ttft' } as const;
