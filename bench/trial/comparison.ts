import type { Metric, Metrics } from '../load/result.ts';
import { tInterval } from '../stats/interval.ts';
import { higherIsBetter } from '../stats/metrics.ts';
import { mean } from '../stats/percentile.ts';
import { type Change, holm, judge } from '../stats/verdict.ts';

/** What one launch of one side gave. */
export interface LaunchValues {
  readonly launch: number;
  readonly metrics: Metrics;
}

/** A launch that gave nothing; it is reported, not replaced. */
export interface FailedLaunch {
  readonly launch: number;
  readonly side: string;
  readonly message: string;
}

/** One of the things compared. */
export interface ComparedSide {
  readonly name: string;
  readonly target: string;
  readonly version: string;
  readonly revision: string;
  readonly packages: readonly string[];
  /** Over launches: the mean of the launches' values, with its t-interval. */
  readonly metrics: Metrics;
  readonly launches: readonly LaunchValues[];
}

/** A metric's change, and whether it counts for the gate. */
export interface MetricChange extends Change {
  readonly metric: string;
  readonly gates: boolean;
  /** The p-value after Holm's adjustment over the metrics that gate; null for the others. */
  readonly adjustedPValue: number | null;
  /** The gate is broken by this metric: slower, and still so after Holm. */
  readonly broken: boolean;
}

/** The first side beside another. */
export interface Comparison {
  readonly baseline: string;
  readonly candidate: string;
  readonly changes: readonly MetricChange[];
}

/** All that a trial found out. */
export interface TrialResult {
  readonly seed: number;
  readonly margin: number;
  readonly launches: number;
  readonly failedLaunches: readonly FailedLaunch[];
  readonly sides: readonly ComparedSide[];
  readonly comparisons: readonly Comparison[];
  /** Packages whose versions differ between the baseline and another side. */
  readonly differingPackages: readonly string[];
}

declare module '../load/result.ts' {
  interface LoadDetails {
    trial?: TrialResult;
  }
}

const GATE_ALPHA = 0.05;

/**
 * Compares every further side with the first, metric by metric, over the launches that both survived.
 * @param gates metrics that decide, with Holm's adjustment among them
 */
export function compareSides(sides: readonly ComparedSide[], margin: number, gates: readonly string[]): Comparison[] {
  const [baseline, ...candidates] = sides;
  if (baseline === undefined) return [];
  return candidates.map((candidate) => ({
    baseline: baseline.name,
    candidate: candidate.name,
    changes: changesOf(baseline, candidate, margin, gates),
  }));
}

/** The mean of the launches with a t-interval over them. */
export function overLaunches(launches: readonly LaunchValues[]): Metrics {
  const names = new Set(launches.flatMap(({ metrics }) => Object.keys(metrics)));
  return Object.fromEntries([...names].map((name) => [name, overLaunchesOf(name, launches)]));
}

/** Lines such as `fastapi: 0.124.4 beside 0.165.1`. */
export function packageDifferences(baseline: readonly string[], candidate: readonly string[]): string[] {
  const [before, after] = [versions(baseline), versions(candidate)];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => name !== 'litellm').sort();
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name}: ${before.get(name) ?? 'none'} beside ${after.get(name) ?? 'none'}`);
}

function changesOf(baseline: ComparedSide, candidate: ComparedSide, margin: number, gates: readonly string[]): MetricChange[] {
  const changes = Object.keys(baseline.metrics)
    .filter((metric) => isComparable(metric) && metric in candidate.metrics)
    .map((metric) => ({
      metric,
      gates: gates.includes(metric),
      ...judge(ratios(metric, baseline, candidate), margin, higherIsBetter(metric)),
    }))
    .filter(({ change }) => Number.isFinite(change));
  const adjusted = holm(changes.filter((change) => change.gates).map(({ pValue }) => pValue));
  return changes.map((change) => {
    const adjustedPValue = change.gates ? (adjusted.shift() ?? 1) : null;
    return { ...change, adjustedPValue, broken: change.verdict === 'slower' && adjustedPValue !== null && adjustedPValue < GATE_ALPHA };
  });
}

function ratios(metric: string, baseline: ComparedSide, candidate: ComparedSide): number[] {
  return baseline.launches.flatMap(({ launch, metrics }) => {
    const before = metrics[metric]?.value;
    const after = candidate.launches.find((other) => other.launch === launch)?.metrics[metric]?.value;
    return before === undefined || after === undefined || before <= 0 || after <= 0 ? [] : [after / before];
  });
}

/** Counts are what was asked for, not what was found. */
function isComparable(metric: string): boolean {
  return !/\.(requests|failures|failure_share|share)$/.test(metric);
}

function overLaunchesOf(name: string, launches: readonly LaunchValues[]): Metric {
  const metrics = launches.flatMap(({ metrics: all }) => all[name] ?? []);
  const values = metrics.map(({ value }) => value);
  const total = /\.(requests|failures)$/.test(name);
  return {
    value: total ? values.reduce((sum, value) => sum + value, 0) : mean(values),
    interval: total ? null : (tInterval(values)?.interval ?? null),
    n: metrics.reduce((sum, { n }) => sum + n, 0),
    rounds: metrics.reduce((sum, { rounds }) => sum + rounds, 0),
    launches: values.length,
  };
}

function versions(packages: readonly string[]): Map<string, string> {
  return new Map(
    packages.map((line) => line.split(/==| @ /, 2) as [string, string?]).map(([name, version]) => [normalName(name), version ?? '']),
  );
}

/** `Typing_Extensions` and `typing-extensions` are one package (PEP 503). */
function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
