import type { Machine } from '../fixtures/process/machine.ts';
import type { Probe } from './baseline/probe.ts';
import type { Warning } from './load/result.ts';
import type { Settings } from './settings.ts';

/** What the global setup knows of a run and the reporters need, both in Vitest's main process. */
export interface RunContext {
  readonly settings: Settings;
  readonly machine: Machine;
  readonly runFolder: string;
  readonly startedAt: Date;
  /** Undefined in a comparison, which launches its proxies by itself. */
  readonly proxy: ProxyFacts | undefined;
  /** Undefined where no baseline is kept or compared with. */
  readonly probe: Probe | undefined;
  /** What the set-up found worth a warning. */
  readonly warnings: readonly Warning[];
  /** Set when the run had to be broken off; makes the exit code 3. */
  broken: string | undefined;
}

export interface ProxyFacts {
  readonly target: string;
  readonly version: string;
  readonly revision: string;
  readonly freeze: readonly string[];
  readonly logPath: string | undefined;
}

// Vitest loads the config (with the reporters) and the global setup as separate module graphs; only the global object is shared.
const KEY = Symbol.for('litellm-perf.run');
const shared = globalThis as { [KEY]?: RunContext };

export function setRunContext(context: RunContext): void {
  shared[KEY] = context;
}

/** Undefined until the global setup has run, and in `vitest run`. */
export function runContext(): RunContext | undefined {
  return shared[KEY];
}
