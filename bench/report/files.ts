import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeBaseline, workloadOf } from '../baseline/baseline.ts';
import { exportAs } from '../export/formats.ts';
import type { RunContext } from '../run-context.ts';
import { toJson } from './json.ts';
import { toMarkdownReport } from './markdown.ts';
import type { RunResult } from './result.ts';

/** Writes what is known so far; called after every bench test, so that a late failure loses nothing. */
export function writeResult(context: RunContext, result: RunResult): void {
  const json = toJson(result);
  replaceFile(join(context.runFolder, 'result.json'), json);
  if (context.settings.outputJson !== undefined) replaceFile(context.settings.outputJson, json);
  const markdown = toMarkdownReport(result);
  replaceFile(join(context.runFolder, 'summary.md'), markdown);
  if (context.settings.outputMarkdown !== undefined) replaceFile(context.settings.outputMarkdown, markdown);
}

/** Once, at the end of a whole run: the baseline to keep, and other tools' formats. */
export function writeExtras(context: RunContext, result: RunResult): void {
  const { settings, probe, machine } = context;
  const { metrics, target, version, revision, label } = result;
  for (const { format, file } of settings.export)
    replaceFile(file, exportAs(format, { label, target, metrics, trial: result.details.trial }));
  if (settings.saveBaseline === undefined || probe === undefined) return;
  const baseline = makeBaseline({ label, target, version, revision, machine, workload: workloadOf(settings), probe, metrics });
  replaceFile(settings.saveBaseline, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** Once, at the end, where GitHub Actions wants it. */
export function appendStepSummary(path: string | undefined, markdown: string): void {
  if (path !== undefined && path !== '') appendFileSync(path, markdown);
}

/** A reader never sees half a file: it is written beside and then put in place. */
export function replaceFile(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, content);
  renameSync(beside, path);
}
