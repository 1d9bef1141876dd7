import type { Reporter, TestCase } from 'vitest/node';
export class PerfReporter implements Reporter {
  readonly #print: boolean;
  constructor(options: { readonly print: boolean }) { this.#print = options.print; }
  onTestCaseResult(testCase: TestCase): void {
    if (this.#print) console.log(JSON.stringify(testCase.meta().load, null, 1));
  }
}
