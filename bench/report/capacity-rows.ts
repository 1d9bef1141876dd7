import type { CapacityDetails } from '../capacity/capacity.ts';
import type { CapacityStep } from '../capacity/step.ts';
import type { Metrics } from '../load/result.ts';
import { formatRate } from '../stats/rate.ts';
import { formatNumber } from './format.ts';
import type { Table } from './table.ts';

/** The answer in one line: `Capacity: 272 requests/s (95 % 265..279) within latency.p99_ms<=2000; goodput 270/s`. */
export function capacityHeadline({ bound, rps, interval, slo, mix }: CapacityDetails, metrics: Metrics): string {
  const what =
    mix.stream === 0 ? 'requests' : mix.chat === 0 ? 'streams' : `requests (${share(mix.chat)} non-stream, ${share(mix.stream)} streams)`;
  if (bound === 'unfinished') return `Capacity: not found, the search for ${slo} was broken off`;
  if (bound === 'none') return `Capacity: no rate keeps ${slo}`;
  const range = interval === null ? '' : ` (95 % ${formatRate(interval[0])}..${formatRate(interval[1])})`;
  const goodput = metrics['capacity.goodput_rps'];
  return `Capacity: ${bound === 'at_least' ? 'at least ' : ''}${formatRate(rps)} ${what} a second${range} within ${slo}${goodput === undefined ? '' : `; goodput ${formatRate(goodput.value)}/s`}`;
}

/** The curve: what was seen at each rate, lowest first. */
export function capacityTable({ steps, mix }: CapacityDetails): Table {
  const ttft = mix.stream > 0;
  const sorted = steps.toSorted((one, other) => one.rate - other.rate);
  return {
    head: ['rate', 'p50', 'p95', 'p99', ...(ttft ? ['TTFT p95'] : []), 'achieved', 'failed', 'goodput', 'SLO'],
    rows: sorted.map((step) => row(step, ttft)),
  };
}

function row(
  { rate, times, achievedShare, failureShare, goodputRps, kept, stopped, generatorLimited }: CapacityStep,
  ttft: boolean,
): string[] {
  const ms = (value: number | null): string => (value === null ? 'n/a' : `${formatNumber(value)} ms`);
  const verdict = kept ? 'kept' : stopped ? 'broken at once' : 'broken';
  return [
    `${formatRate(rate)} /s`,
    ms(times.latency.p50_ms),
    ms(times.latency.p95_ms),
    ms(times.latency.p99_ms),
    ...(ttft ? [ms(times.ttft.p95_ms)] : []),
    share(achievedShare),
    share(failureShare),
    `${formatRate(goodputRps)} /s`,
    generatorLimited ? `${verdict}, client at its limit` : verdict,
  ];
}

function share(value: number): string {
  return `${(value * 100).toFixed(value < 0.01 && value > 0 ? 2 : 0)} %`;
}
