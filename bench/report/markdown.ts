import { capacityHeadline, capacityTable } from './capacity-rows.ts';
import { comparisonTexts } from './comparison-rows.ts';
import { openLoopTable } from './open-loop-rows.ts';
import type { RunResult } from './result.ts';
import { loadTable, markdownRow, overheadTable, resourceTable, streamTable } from './rows.ts';
import { soakHeadline, soakTable } from './soak-rows.ts';
import { toMarkdown } from './table.ts';

/** The summary for a job summary or a pull request. */
export function toMarkdownReport(result: RunResult): string {
  const { environment: machine } = result;
  const { trial, capacity, soak } = result.details;
  const comparison =
    trial === undefined ? [] : comparisonTexts(trial).flatMap(({ headline, table }) => ['', `**${headline}**`, '', ...toMarkdown(table)]);
  const others = [
    ...(capacity === undefined
      ? []
      : ['', `**${capacityHeadline(capacity, result.metrics)}**`, '', ...toMarkdown(capacityTable(capacity))]),
    ...(soak === undefined ? [] : ['', `**${soakHeadline(soak)}**`, '', ...toMarkdown(soakTable(soak, result.metrics))]),
  ];
  const tables =
    trial !== undefined || others.length > 0
      ? []
      : [
          overheadTable(result),
          streamTable(result),
          loadTable(result),
          openLoopTable(result),
          resourceTable(result),
          'proxy.rps' in result.metrics ? markdownRow(result) : undefined,
        ];
  return [
    `## LiteLLM ${result.version}: ${result.label}`,
    '',
    `Target \`${result.target}\`, revision \`${result.revision}\`, ${result.startedAt.slice(0, 10)}, ${machine.cores} x ${machine.cpu}, Node ${machine.node}.`,
    ...(result.partial ? ['', '**Partial: the run did not reach its end.**'] : []),
    ...comparison,
    ...others,
    ...tables.flatMap((table) => (table === undefined ? [] : ['', ...toMarkdown(table)])),
    ...(result.warnings.length > 0 ? ['', ...result.warnings.map(({ message }) => `- warning: ${message}`)] : []),
    '',
  ].join('\n');
}
