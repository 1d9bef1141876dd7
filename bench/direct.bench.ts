import { expect } from 'vitest';
import { chatLoad, inBlocks, test, warmer } from './harness.ts';

/**
 * What client and mock can do with nothing between them: the ceiling of everything measured through the proxy.
 * Ten times the requests, since they take a hundredth of the time.
 */
test('provider alone', async ({ bench, direct, settings }) => {
  const load = { ...warmer(chatLoad(settings)), requests: settings.requests * 10, report: { latency: 'ceiling' } as const };
  const result = await bench('provider alone', { load }, direct.chat).run({ rounds: inBlocks(settings) });
  expect(result).toMeetBudgets(settings.budgets);
});
