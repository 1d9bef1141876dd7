import type { Clock } from '../../fixtures/clock.ts';
import type { Alarm } from './alarm.ts';

interface Planned {
  readonly atMs: number;
  readonly action: () => void;
}

/** A world whose time goes on only from one planned event to the next; what is planned for the same time happens in the order of planning. */
export class SimulatedTime implements Alarm {
  nowMs = 0;
  readonly now: Clock = () => this.nowMs;
  readonly #events: Planned[] = [];
  #appointment: Planned | undefined;

  set(atMs: number, action: () => void): void {
    this.#appointment = { atMs, action };
  }

  clear(): void {
    this.#appointment = undefined;
  }

  after(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#events.push({ atMs: this.nowMs + delayMs, action: resolve }));
  }

  /** Runs until nothing is planned any more. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#events.sort((one, other) => one.atMs - other.atMs);
      const [event] = this.#events;
      const alarmFirst = this.#appointment !== undefined && (event === undefined || this.#appointment.atMs <= event.atMs);
      const next = alarmFirst ? this.#appointment : this.#events.shift();
      if (next === undefined) return;
      if (alarmFirst) this.#appointment = undefined;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.action();
    }
  }

  /** What `work` comes to, with time going on until it is there and nothing else is planned. */
  async finish<T>(work: Promise<T>): Promise<T> {
    await this.run();
    return work;
  }
}
