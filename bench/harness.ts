import { expect, inject, test as base } from 'vitest';
import { changesAgainst } from './baseline/changes.ts';
import { Endpoint } from './client/endpoint.ts';
import { mostInFlight } from './client/open-files.ts';
import { observeMixed, observeStream, observeWhole } from './load/observe.ts';
import type { LoadSpec, RoundsSpec } from './load/spec.ts';
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

type Load = Pick<LoadSpec, 'requests' | 'concurrency' | 'warmup' | 'observe' | 'open'>;

/** Non-stream requests as many and as parallel as the settings say. */
export function chatLoad(settings: Settings): Load {
  return {
    requests: settings.requests,
    concurrency: settings.concurrency,
    warmup: settings.warmup,
    observe: observeWhole,
    ...openLoop(settings),
  };
}

/** Streams as many and as parallel as the settings say. */
export function streamLoad(settings: Settings): Load {
  return {
    requests: settings.streamRequests,
    concurrency: settings.streamConcurrency,
    warmup: settings.streamWarmup,
    observe: observeStream as LoadSpec['observe'],
    ...openLoop(settings),
  };
}

/** The streams of both TTFT and full stream: each is read to its end, so that one set of them tells both. */
export function sharedStreams(settings: Settings): Load & Pick<LoadSpec, 'shared'> {
  const ofAny = ['ttft', 'latency', 'header'] as const;
  const ofProxy = ['overhead', 'relay_lag', 'ttft_uncorrected', 'uncorrected', 'pacing_error'] as const;
  return { ...streamLoad(settings), shared: { name: 'streams', quantities: [...ofAny, ...ofProxy] } };
}

/** Requests of several kinds. */
export function mixedLoad(settings: Settings): Load {
  return { ...chatLoad(settings), observe: observeMixed };
}

/** Rounds in two blocks a side, direct and proxy in turns: the queue has to be filled anew for each block, which is not measured. */
export function inBlocks({ rounds }: Settings): RoundsSpec {
  return { count: rounds, turns: 2, alternate: 'round' };
}

/** Latency from sending and lateness of sending, which an open loop reports beside the latency from when a request was due. */
export function pacing(settings: Settings, groups: LoadSpec['report']): LoadSpec['report'] {
  return settings.rate === undefined ? {} : groups;
}

/**
 * The direct path, with ten times the warm-up: it is so short that its first thousand requests measure the compiler of
 * JavaScript. In an open loop it gets a fifth of the time.
 */
export function warmer(load: Load): Load {
  return { ...load, warmup: load.warmup * 10, ...(load.open && { open: { ...load.open, durationMs: load.open.durationMs / 5 } }) };
}

function openLoop({ rate, duration, arrival, seed }: Settings): Pick<LoadSpec, 'open'> {
  if (rate === undefined || duration === undefined) return {};
  return { open: { rate, arrival, seed, durationMs: duration, mostInFlight: mostInFlight() } };
}

expect.extend({
  /** Every budget on a metric of this result holds, and no request failed unless a budget allows it. */
  toMeetBudgets(received: Measured, budgets: Settings['budgets']) {
    const { strict, margin } = inject('settings');
    const { baseline } = inject('world');
    const changes = received.changes ?? (baseline === undefined ? undefined : changesAgainst(baseline, received.metrics ?? {}, margin));
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
