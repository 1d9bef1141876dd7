import type { Settings } from './settings.ts';

/** Bench files in the order in which they run. */
export const STANDARD_ORDER = ['direct', 'overhead', 'proxy', 'ttft', 'stream'] as const;

/** The bench files that these settings ask for. */
export function benchFiles(settings: Settings): string[] {
  return [...STANDARD_ORDER].map((name) => `bench/${name}.bench.ts`);
}
