import { expect } from 'vitest';
import { test } from './harness.ts';
import { launchTarget } from './trial/launch-target.ts';

/** Two to five proxies side by side; the first is the baseline. */
test('comparison', async ({ bench, settings }) => {
  const [baseline, candidate, ...others] = settings.target.map((target) =>
    bench(target.name, { trial: { target: target.spec } }, (onProgress: (line: string) => void = () => {}) =>
      launchTarget(target, settings, onProgress),
    ),
  );
  if (baseline === undefined || candidate === undefined) throw new TypeError('a comparison takes two targets or more');
  const result = await bench.compare(baseline, candidate, ...others);
  for (const { name } of settings.target.slice(1)) {
    expect(result.get(name)).toMeetBudgets(settings.budgets);
    expect(result.get(name)).toBeNoSlower({ strict: settings.strict });
  }
});
