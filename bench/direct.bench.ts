import { expect } from 'vitest';
import { chatLoad, test } from './harness.ts';

/** What client and mock can do with nothing between them: the ceiling of everything measured through the proxy. */
test('provider alone', async ({ bench, direct, settings }) => {
  const load = { ...chatLoad(settings), report: { latency: 'ceiling' } as const };
  const result = await bench('provider alone', { load }, direct.chat).run({ rounds: { count: settings.rounds, alternate: 'round' } });
  expect(result).toMeetBudgets(settings.budgets);
});
