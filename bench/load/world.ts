import type { Baseline } from '../baseline/baseline.ts';
import type { Settings } from '../settings.ts';

/** Where the world under test is, for the workers; made by the global setup. */
export interface World {
  readonly providerUrl: string;
  readonly proxyUrl: string;
  readonly apiKey: string;
  /** Whether the provider is our mock on this machine, so that its stamps and stats can be used. */
  readonly mock: boolean;
  readonly controlUrl: string;
  readonly runFolder: string;
  /** What to compare with, where the user keeps a baseline. */
  readonly baseline: Baseline | undefined;
}

declare module 'vitest' {
  interface ProvidedContext {
    world: World;
    settings: Settings;
    pass: number;
  }
}
