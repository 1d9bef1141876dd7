import type { Alarm } from './alarm.ts';
import type { Drive, Span } from './driver.ts';
import type { Schedule } from './schedule.ts';

export interface OpenLoop {
  readonly schedule: Schedule;
  readonly durationMs: number;
  /** Slots at most; a request that finds none free waits for one. */
  readonly mostInFlight: number;
}

export interface OpenSpan extends Span {
  /** Due times that passed without a request having been sent for them. */
  readonly notSent: number;
}

/** More at once would keep the event loop from reading replies. */
const MOST_A_TURN = 64;
/** What is due right before the end may still be sent this much later. */
const GRACE_MS = 100;

/**
 * Open loop: each request is sent when it is due, whether earlier ones are over or not, on any free slot. One that finds no
 * slot waits, and `onDone` is told when it was due, so that the wait counts. What could not be sent until the end of the
 * schedule is counted, and those in flight are waited for.
 */
export function driveOpen<T>(drive: Drive<T>, alarm: Alarm, loop: OpenLoop): Promise<OpenSpan> {
  return new Promise((resolve) => new OpenRun(drive, alarm, loop, resolve).start());
}

class OpenRun<T> {
  readonly #drive: Drive<T>;
  readonly #alarm: Alarm;
  readonly #loop: OpenLoop;
  readonly #resolve: (span: OpenSpan) => void;
  /** The slot that was used last is taken first, so that no more connections are open than needed. */
  readonly #free: number[] = [];
  readonly #startedMs: number;
  #slots = 0;
  #sent = 0;
  #notSent = 0;
  #inFlight = 0;
  #sending = true;
  #armedMs = Number.NaN;

  constructor(drive: Drive<T>, alarm: Alarm, loop: OpenLoop, resolve: (span: OpenSpan) => void) {
    this.#drive = drive;
    this.#alarm = alarm;
    this.#loop = loop;
    this.#resolve = resolve;
    this.#startedMs = drive.now();
  }

  start(): void {
    this.#drive.signal.addEventListener('abort', this.#abort, { once: true });
    if (this.#drive.signal.aborted) this.#abort();
    else this.#pump();
  }

  readonly #pump = (): void => {
    if (!this.#sending) return;
    const { schedule, durationMs, mostInFlight } = this.#loop;
    const elapsedMs = this.#drive.now() - this.#startedMs;
    if (elapsedMs >= durationMs + GRACE_MS) return this.#end(durationMs);
    for (let turn = 0; schedule.nextMs <= elapsedMs; turn += 1) {
      if (this.#free.length === 0 && this.#slots === mostInFlight) return this.#waitForSlot(elapsedMs);
      if (turn === MOST_A_TURN) return void setImmediate(this.#pump);
      this.#send(this.#free.pop() ?? this.#slots++);
    }
    if (schedule.nextMs === Number.POSITIVE_INFINITY) this.#end(durationMs);
    else this.#wake(schedule.nextMs);
  };

  #send(slot: number): void {
    const dueMs = this.#startedMs + this.#loop.schedule.nextMs;
    this.#loop.schedule.advance();
    const index = this.#sent;
    this.#sent += 1;
    this.#inFlight += 1;
    void this.#drive.send(slot).then((outcome) => {
      this.#drive.onDone(outcome, index, dueMs);
      this.#inFlight -= 1;
      this.#free.push(slot);
      if (this.#sending && this.#loop.schedule.nextMs <= this.#drive.now() - this.#startedMs) this.#pump();
      else this.#settle();
    });
  }

  /** The next end of a request goes on, unless the time is over before. */
  #waitForSlot(elapsedMs: number): void {
    if (elapsedMs >= this.#loop.durationMs) this.#end(this.#loop.durationMs);
    else this.#wake(this.#loop.durationMs);
  }

  #wake(offsetMs: number): void {
    if (this.#armedMs === offsetMs) return;
    this.#armedMs = offsetMs;
    this.#alarm.set(this.#startedMs + offsetMs, () => {
      this.#armedMs = Number.NaN;
      this.#pump();
    });
  }

  readonly #abort = (): void => this.#end(this.#drive.now() - this.#startedMs);

  #end(untilMs: number): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#notSent = this.#loop.schedule.skip(untilMs);
    this.#drive.signal.removeEventListener('abort', this.#abort);
    this.#alarm.clear();
    this.#settle();
  }

  #settle(): void {
    if (this.#sending || this.#inFlight > 0) return;
    this.#resolve({ startedMs: this.#startedMs, endedMs: this.#drive.now(), sent: this.#sent, notSent: this.#notSent });
  }
}
