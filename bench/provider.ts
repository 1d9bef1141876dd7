import type { BenchmarkProvider } from 'vitest';
import { provideRounds } from './load/provide-rounds.ts';
import { provideTrial } from './trial/provide-trial.ts';

/** Vitest's `benchmark.provider`: benchmarks are sides under load that take turns, or the proxies of a comparison. */
export default {
  run: (group) => (group.registrations.every(({ fnOpts }) => fnOpts?.trial !== undefined) ? provideTrial(group) : provideRounds(group)),
} satisfies BenchmarkProvider;
