import pc from 'picocolors';
import type { ProgressArtifact } from '../load/progress.ts';
import { formatDuration } from '../stats/duration.ts';

type Shown = ProgressArtifact['progress'];

/** Shows what is going on: a line that is overwritten on a terminal, a plain line a phase elsewhere. */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  #phase = '';
  #counter = '';
  #shown = false;
  #startedMs = 0;
  #doneAtStart = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(progress: Shown): void {
    const phase = `${progress.title}: ${progress.phase}`;
    if (!this.#stream.isTTY && phase !== this.#phase) this.#stream.write(`litellm-perf: ${phase}\n`);
    this.#phase = phase;
    if (!this.#stream.isTTY) return;
    const counter = `${phase} ${progress.counter ?? progress.step}`;
    if (counter !== this.#counter) {
      this.#counter = counter;
      this.#startedMs = performance.now();
      this.#doneAtStart = progress.done;
    }
    const text = liveText(progress, performance.now() - this.#startedMs, this.#doneAtStart);
    this.#stream.write(`\r\u001B[2K${pc.cyan(text.slice(0, (this.#stream.columns || 80) - 1))}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001B[2K');
    this.#shown = false;
  }
}

/** Phase, done/total, rate, failures, time left. */
export function liveText({ title, phase, step, done, total, failures }: Shown, elapsedMs: number, doneAtStart: number): string {
  const perMs = (done - doneAtStart) / elapsedMs;
  const rate = perMs > 0 && Number.isFinite(perMs) ? `  ${Math.round(perMs * 1000)}/s  ${formatDuration((total - done) / perMs)} left` : '';
  return `${title} | ${step === '' ? phase : step}  ${done}/${total}${rate}  ${failures} failed`;
}
