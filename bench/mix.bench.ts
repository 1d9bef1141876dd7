import { expect } from 'vitest';
import { inBlocks, mixedLoad, pacing, test, warmer } from './harness.ts';

/** Non-stream requests and streams in one open loop, as `--mix` weighs them: direct and through the proxy, in turns. */
test('mix', async ({ bench, direct, proxy, settings }) => {
  const kinds = { chat: 0.5, stream: 0.5, ...settings.mix, hangUps: 0, seed: settings.seed };
  const load = mixedLoad(settings);
  const beside = { ...warmer(load), report: { latency: 'direct_mix' } } as const;
  const through = { ...load, report: { ...report, ...pacing(settings, late) }, usage } as const;

  const result = await bench.compare(
    bench('direct', { load: beside }, direct.mixed(kinds)),
    bench('proxy', { load: through }, proxy.mixed(kinds)),
    { rounds: inBlocks(settings) },
  );
  expect(result.get('proxy')).toMeetBudgets(settings.budgets);
});

const usage = { group: 'cpu', per: 'request' } as const;
const report = { latency: 'mix', chat: 'mix_chat', stream: 'mix_stream', ttft: 'mix_ttft' } as const;
const late = { uncorrected: 'mix_uncorrected', pacing_error: 'mix_pacing_error' } as const;
