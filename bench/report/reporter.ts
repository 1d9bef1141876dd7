import type { TestArtifact } from 'vitest';
import type { Reporter, TestCase, TestRunEndReason } from 'vitest/node';
import type { ProgressArtifact } from '../load/progress.ts';
import type { LoadResult } from '../load/result.ts';
import type { PartialArtifact } from '../trial/provide-trial.ts';
import { type RunContext, runContext } from '../run-context.ts';
import { appendStepSummary, writeExtras, writeResult } from './files.ts';
import { LiveLine } from './live.ts';
import { toMarkdownReport } from './markdown.ts';
import { assemble, type RunResult } from './result.ts';
import { summaryLines } from './summary.ts';

/** Vitest's reporter of a run: live progress, files after every test, the summary at the end. */
export class PerfReporter implements Reporter {
  readonly #results: LoadResult[] = [];
  readonly #print: boolean;
  readonly #live = new LiveLine(process.stderr);

  /** @param options `print: false` writes files only, where the user chose other reporters */
  constructor(options: { readonly print: boolean }) {
    this.#print = options.print;
  }

  onTestCaseArtifactRecord(_testCase: TestCase, artifact: TestArtifact): void {
    if (this.#print && artifact.type === 'litellm-perf:progress') this.#live.show((artifact as ProgressArtifact).progress);
    if (artifact.type === 'litellm-perf:partial') this.#write(true, [...this.#results, (artifact as PartialArtifact).load]);
  }

  onTestCaseResult(testCase: TestCase): void {
    this.#live.clear();
    const { load } = testCase.meta();
    if (load === undefined) return;
    this.#results.push(load);
    const context = runContext();
    if (load.broken !== undefined && context !== undefined) context.broken ??= load.broken;
    this.#write(true);
  }

  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    this.#live.clear();
    const context = runContext();
    if (context === undefined) return;
    const result = assemble(context, this.#results, reason === 'interrupted' || context.broken !== undefined);
    if (this.#results.length > 0) {
      this.#write(result.partial);
      this.#guarded(() => appendStepSummary(process.env['GITHUB_STEP_SUMMARY'], toMarkdownReport(result)));
      if (!result.partial) this.#guarded(() => writeExtras(context, result));
      if (this.#print) process.stdout.write(`${summaryLines(result).join('\n')}\n`);
    }
    this.#reportUnmeasuredBudgets(context, result);
  }

  /** A budget on something that was not measured is an error, not a pass. */
  #reportUnmeasuredBudgets({ settings, warnings }: RunContext, { metrics }: RunResult): void {
    const gateOff = warnings.some(({ code }) => code === 'machine_speed');
    const missing = settings.budgets.filter(({ metric, relative }) => !(metric in metrics) && !(relative && gateOff));
    for (const { text, metric } of missing) console.error(`litellm-perf: budget ${text}: ${metric} was not measured in this run`);
    if (missing.length > 0) process.exitCode ||= 1;
  }

  #write(partial: boolean, results = this.#results): void {
    const context = runContext();
    if (context !== undefined) this.#guarded(() => writeResult(context, assemble(context, results, partial)));
  }

  /** A full disk must not end the run: the numbers still come on the screen. */
  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      console.error(`litellm-perf: cannot write the result: ${(error as Error).message}. Free space, or choose other paths`);
      process.exitCode ||= 3;
    }
  }
}
