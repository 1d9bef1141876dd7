import { failure, type FailureKind } from '../client/failure.ts';
import { Column } from '../stats/distribution.ts';
import { observeWhole } from './observe.ts';
import { type Consumption, UNMETERED } from './resources.ts';
import type { Metrics } from './result.ts';
import type { Round, Side, SideRounds } from './rounds.ts';
import { type Quantity, Samples } from './samples.ts';
import type { LoadSpec } from './spec.ts';

/** A round in a few words: what is not said follows from the times, which are those of as many successes. */
export interface RoundSketch {
  readonly times?: Partial<Record<Quantity, readonly number[]>>;
  readonly failed?: Partial<Record<FailureKind, number>>;
  readonly counts?: Partial<Pick<Samples, 'sent' | 'succeeded' | 'unstamped' | 'events' | 'apart' | 'together' | 'stalled'>>;
  readonly outcome?: Partial<Pick<Round, 'wallMs' | 'completed' | 'ended' | 'due' | 'notSent'>>;
  readonly used?: Partial<Consumption>;
}

/** A side whose load is one of 1000 requests, of which only the latency is reported, by its name. */
export function sideOf(name: 'direct' | 'proxy', load: Partial<LoadSpec> = {}): Side {
  const send = (): Promise<never> => Promise.reject(new Error('this side is not to send anything'));
  return { name, send, load: { observe: observeWhole, requests: 1000, concurrency: 1, warmup: 0, report: { latency: name }, ...load } };
}

/** Rounds made by hand, each of a second. */
export function roundsOf(side: Side, sketches: readonly RoundSketch[], warmUp: RoundSketch = {}): SideRounds {
  const pooled = samplesOf(side, {});
  const rounds = sketches.map((sketch): Round => {
    const samples = samplesOf(side, sketch);
    pooled.merge(samples);
    const { sent, succeeded } = samples;
    const outcome = { wallMs: 1000, completed: succeeded, ended: sent, due: sent, notSent: 0, ...sketch.outcome };
    return { samples, consumption: { ...UNMETERED, ...sketch.used }, ...outcome };
  });
  return { side, pooled, rounds, warmedUp: samplesOf(side, warmUp) };
}

/** {@link roundsOf} a proxy. */
export function proxyRounds(sketches: readonly RoundSketch[], load: Partial<LoadSpec> = {}): SideRounds {
  return roundsOf(sideOf('proxy', load), sketches);
}

/** Metrics by name, without what they rest on. */
export function values(metrics: Metrics): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
}

function samplesOf({ load }: Side, { times = {}, failed = {}, counts = {} }: RoundSketch): Samples {
  const samples = new Samples(Object.keys(load.report) as Quantity[], () => new Column());
  for (const [quantity, values] of Object.entries(times) as [Quantity, readonly number[]][])
    for (const value of values) samples.record(quantity, value);
  for (const [kind, count] of Object.entries(failed) as [FailureKind, number][])
    samples.failures.addCount({ ...failure(kind, 0, `${kind} it is`), count });
  samples.succeeded = Math.max(0, ...Object.values(times).map(({ length }) => length));
  samples.sent = samples.succeeded + samples.failures.total;
  return Object.assign(samples, counts);
}
