import type { Block } from './block.ts';
import type { Outcome } from './record.ts';

const PROGRESS_EVERY = 16;

/** Adds up what ends, and tells it every few requests. */
export class ProgressCounter {
  readonly #tell: Block['onProgress'];
  #untold = 0;
  #ended = 0;
  #failed = 0;
  #bad = 0;

  constructor(tell: Block['onProgress']) {
    this.#tell = tell;
  }

  count(outcome: Outcome, measured: boolean): void {
    this.#untold += 1;
    if (measured) this.#ended += 1;
    if (outcome === 'failed') this.#failed += 1;
    if (measured && (outcome === 'failed' || outcome === 'late')) this.#bad += 1;
    if (this.#untold >= PROGRESS_EVERY) this.flush();
  }

  /** Tells what was not told yet. */
  flush(): void {
    if (this.#untold === 0) return;
    this.#tell?.({ ended: this.#ended, failed: this.#failed, bad: this.#bad });
    this.#untold = this.#ended = this.#failed = this.#bad = 0;
  }
}
