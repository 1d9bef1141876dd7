import { expect, inject, test as base } from 'vitest';
import { changesAgainst } from './baseline/changes.ts';
import { Endpoint } from './client/endpoint.ts';
import { observeStream, observeTtft, observeWhole } from './load/observe.ts';
import type { LoadSpec } from './load/spec.ts';
import type { Settings } from './settings.ts';
import { changeLine, checkBudgets, type Measured } from './budgets.ts';
import './load/world.ts';

/** Vitest's `test` with the two ends of the measurement and the settings of the run. */
export const test = base
  .extend('settings', { scope: 'file' }, () => inject('settings'))
  .extend('direct', { scope: 'file' }, ({ settings }, { onCleanup }) => {
    const { providerUrl } = inject('world');
    return open(settings, providerUrl, settings.providerApiKey, onCleanup);
  })
  .extend('proxy', { scope: 'file' }, ({ settings }, { onCleanup }) => {
    const { proxyUrl, apiKey } = inject('world');
    return open(settings, proxyUrl, apiKey, onCleanup);
  });

type Load = Pick<LoadSpec, 'requests' | 'concurrency' | 'warmup' | 'observe'>;

/** Non-stream requests as many and as parallel as the settings say. */
export function chatLoad(settings: Settings): Load {
  return { requests: settings.requests, concurrency: settings.concurrency, warmup: settings.warmup, observe: observeWhole };
}

/** Streams whose latency is the time to the first token. */
export function ttftLoad(settings: Settings): Load {
  return { ...streamLoad(settings), observe: observeTtft as LoadSpec['observe'] };
}

/** Whole streams. */
export function streamLoad(settings: Settings): Load {
  return { requests: settings.streamRequests, concurrency: settings.streamConcurrency, warmup: settings.streamWarmup, observe: observeStream as LoadSpec['observe'] };
}

/** The direct path, with ten times the warm-up: it is so short that its first thousand requests measure the compiler of JavaScript. */
export function warmer(load: Load): Load {
  return { ...load, warmup: load.warmup * 10 };
}

expect.extend({
  /** Every budget on a metric of this result holds, and no request failed unless a budget allows it. */
  toMeetBudgets(received: Measured, budgets: Settings['budgets']) {
    const { strict, margin } = inject('settings');
    const { baseline } = inject('world');
    const changes = received.changes ?? (baseline === undefined ? [] : changesAgainst(baseline, received.metrics ?? {}, margin));
    const broken = checkBudgets({ ...received, changes }, budgets, strict);
    return { pass: broken.length === 0, message: () => broken.join('\n') };
  },
  /** No metric that gates is slower than the baseline, after Holm's adjustment; with `strict`, all are decided too. */
  toBeNoSlower(received: Measured, { strict }: { strict: boolean }) {
    const gating = (received.changes ?? []).filter(({ gates }) => gates);
    const bad = gating.filter(({ broken, verdict }) => broken || (strict && verdict === 'undecided'));
    return { pass: bad.length === 0, message: () => bad.map(changeLine).join('\n') };
  },
});

declare module 'vitest' {
  interface Matchers<R, T> {
    toMeetBudgets: (budgets: Settings['budgets']) => R;
    toBeNoSlower: (options: { strict: boolean }) => R;
  }
}

function open(settings: Settings, baseUrl: string, apiKey: string, onCleanup: (action: () => Promise<void>) => void): Endpoint {
  const endpoint = new Endpoint({ baseUrl, apiKey, model: settings.model, timeoutMs: settings.timeout * 1000 });
  onCleanup(() => endpoint[Symbol.asyncDispose]());
  return endpoint;
}
