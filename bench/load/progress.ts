import { recordArtifact, type TestArtifact } from 'vitest';
import type { TestContext } from 'vitest';
import type { Progress } from './rounds.ts';

/** Progress of a benchmark on its way from the worker to whoever shows it. */
export interface ProgressArtifact {
  readonly type: 'litellm-perf:progress';
  readonly progress: Progress & { readonly title: string };
}

declare module 'vitest' {
  interface TestArtifactRegistry {
    'litellm-perf:progress': ProgressArtifact;
  }
}

const LEAST_INTERVAL_MS = 500;

/** Sends progress of a test at most twice a second, but every new step at once. */
export function progressSender(test: TestContext['task'], title: string): (progress: Progress) => void {
  let last = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    const current = `${progress.phase} ${progress.step}`;
    if (current === last && now - lastMs < LEAST_INTERVAL_MS) return;
    last = current;
    lastMs = now;
    const artifact = { type: 'litellm-perf:progress', progress: { ...progress, title } } satisfies ProgressArtifact;
    // Nobody waits for it: progress that cannot be sent any more is of no use either.
    recordArtifact(test, artifact as TestArtifact).catch(() => {});
  };
}
