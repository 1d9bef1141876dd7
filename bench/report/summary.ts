import pc from 'picocolors';
import type { TrialResult } from '../trial/comparison.ts';
import { capacityHeadline, capacityTable } from './capacity-rows.ts';
import { colourVerdict, comparisonTexts } from './comparison-rows.ts';
import { fixed } from './format.ts';
import { openLoopTable } from './open-loop-rows.ts';
import { metricValue, observedDifference, type RunResult } from './result.ts';
import { loadTable, markdownRow, overheadTable, resourceTable, streamTable } from './rows.ts';
import { soakHeadline, soakTable } from './soak-rows.ts';
import { toMarkdown, toText } from './table.ts';

/** The summary of a run as lines for a terminal: the original tool's lines first, then the tables, then what to beware of. */
export function summaryLines(result: RunResult): string[] {
  if (result.details.trial !== undefined) return [...comparisonLines(result, result.details.trial), ...warningLines(result), ''];
  const row = 'proxy.rps' in result.metrics ? ['', 'Markdown row:', ...toMarkdown(markdownRow(result))] : [];
  return [
    '',
    pc.bold('=== Benchmark summary ==='),
    ...originalLines(result),
    ...tables(result).flatMap((lines) => ['', ...lines]),
    ...warningLines(result),
    ...row,
    '',
  ];
}

/** One line a pass, where there is more than one. */
export function passLines({ passes }: RunResult): string[] {
  if (passes.length < 2) return [];
  return passes.map(({ pass, metrics }) => {
    const value = (name: string): string => fixed(metricValue(metrics, name));
    return `  pass ${pass}: non-stream p50 ${value('proxy.p50_ms')} ms, ${value('proxy.rps')}/s | TTFT p50 ${value('ttft.p50_ms')} ms | full stream ${value('stream.rps')}/s`;
  });
}

function comparisonLines(result: RunResult, trial: TrialResult): string[] {
  const sides = trial.sides.map(({ name, target, version, revision }) => `  ${name}: ${target}, LiteLLM ${version}, revision ${revision}`);
  const texts = comparisonTexts(trial).flatMap(({ headline, table }) => ['', pc.bold(headline), ...toText(table).map(colourVerdict)]);
  return [
    '',
    pc.bold('=== Comparison ==='),
    `Label: ${result.label}${result.partial ? pc.yellow(' (partial: the run did not reach its end)') : ''}`,
    ...sides,
    `  seed ${trial.seed}`,
    ...texts,
  ];
}

function originalLines(result: RunResult): string[] {
  const { metrics } = result;
  const line = (label: string, name: string, unit = ' ms'): string[] =>
    name in metrics ? [`${label}: ${fixed(metricValue(metrics, name))}${unit}`] : [];
  const observed = (percentile: string): string[] => {
    const difference = observedDifference(metrics, `proxy.${percentile}_ms`, `direct.${percentile}_ms`);
    return difference === null ? [] : [`Client-observed overhead ${percentile}: ${fixed(difference)} ms (queueing included)`];
  };
  return [
    ...passLines(result),
    `Label: ${result.label}`,
    `Revision: ${result.revision}${result.partial ? pc.yellow(' (partial: the run did not reach its end)') : ''}`,
    `Target: ${result.target}, LiteLLM ${result.version}`,
    ...line('Direct provider non-stream p50', 'direct.p50_ms'),
    ...line('Proxy non-stream p50', 'proxy.p50_ms'),
    ...line('Proxy non-stream p95', 'proxy.p95_ms'),
    ...line('Proxy non-stream RPS', 'proxy.rps', ''),
    ...observed('p50'),
    ...observed('p95'),
    ...line('x-litellm-overhead-duration-ms p50', 'header.p50_ms'),
    ...line('Streaming TTFT p50', 'ttft.p50_ms'),
    ...line('Streaming TTFT p95', 'ttft.p95_ms'),
    ...line('Streaming TTFT RPS', 'ttft.rps', ''),
    ...line('Streaming full response p50', 'stream.p50_ms'),
    ...line('Streaming full response p95', 'stream.p95_ms'),
    ...line('Streaming full response RPS', 'stream.rps', ''),
  ];
}

function tables(result: RunResult): string[][] {
  const paired = overheadTable(result);
  const { capacity, soak } = result.details;
  return [
    ...(capacity === undefined ? [] : [[pc.bold(capacityHeadline(capacity, result.metrics)), ...toText(capacityTable(capacity))]]),
    ...(soak === undefined ? [] : [[pc.bold(soakHeadline(soak)), ...toText(soakTable(soak, result.metrics))]]),
    ...(paired === undefined
      ? []
      : [
          [
            pc.bold('Paired overhead: what the proxy adds to one request'),
            ...toText(paired),
            pc.dim('  intervals: over rounds, for this launch on this machine now'),
          ],
        ]),
    ...[streamTable(result), loadTable(result), openLoopTable(result), resourceTable(result)]
      .filter((table) => table !== undefined)
      .map((table) => toText(table)),
  ];
}

function warningLines({ warnings }: RunResult): string[] {
  if (warnings.length === 0) return [];
  return ['', ...warnings.map(({ message }) => pc.yellow(`warning: ${message}`))];
}
