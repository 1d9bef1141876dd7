import type { TestArtifact } from 'vitest';
import type { Reporter, TestCase, TestRunEndReason } from 'vitest/node';
import type { ProgressArtifact } from '../load/progress.ts';
import type { LoadResult } from '../load/result.ts';
import type { PartialArtifact } from '../trial/provide-trial.ts';
import { runContext } from '../run-context.ts';
import { appendStepSummary, writeResult } from './files.ts';
import { LiveLine } from './live.ts';
import { toMarkdownReport } from './markdown.ts';
import { assemble } from './result.ts';
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
    this.#write(true);
  }

  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    this.#live.clear();
    const context = runContext();
    if (context === undefined || this.#results.length === 0) return;
    const result = assemble(context, this.#results, reason === 'interrupted' || context.broken !== undefined);
    this.#write(result.partial);
    appendStepSummary(process.env['GITHUB_STEP_SUMMARY'], toMarkdownReport(result));
    if (this.#print) process.stdout.write(`${summaryLines(result).join('\n')}\n`);
  }

  /** A full disk must not end the run: the numbers still come on the screen. */
  #write(partial: boolean, results = this.#results): void {
    const context = runContext();
    if (context === undefined) return;
    try {
      writeResult(context, assemble(context, results, partial));
    } catch (error) {
      console.error(`litellm-perf: cannot write the result: ${(error as Error).message}. Free space, or choose other paths`);
      process.exitCode ||= 3;
    }
  }
}
