import type { Settings } from './settings.ts';

/** Bench files of an ordinary run, in the order in which they run. */
export const STANDARD_ORDER = ['direct', 'overhead', 'proxy', 'ttft', 'stream'] as const;

/** The bench files that these settings ask for. */
export function benchFiles(settings: Settings): string[] {
  const names: readonly string[] = chosen(settings);
  return names.map((name) => `bench/${name}.bench.ts`);
}

function chosen(settings: Settings): readonly string[] {
  if (settings.target.length > 1) return ['compare'];
  if (settings.slo !== undefined) return ['capacity'];
  if (settings.soak !== undefined) return ['soak'];
  if (settings.mix !== undefined) return ['mix'];
  return STANDARD_ORDER;
}
