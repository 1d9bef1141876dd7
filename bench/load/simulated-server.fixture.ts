import { SimulatedTime } from './simulated-time.fixture.ts';

/** What a server saw of a request. */
export interface Request {
  readonly slot: number;
  readonly sentMs: number;
  /** How many were in flight from then on, itself included. */
  readonly inFlight: number;
  doneMs: number;
}

/** Answers the n-th request after `serviceMs(n)`, never where that is Infinity, until `release` is called; several at once. */
export class SimulatedServer {
  readonly time = new SimulatedTime();
  readonly requests: Request[] = [];
  readonly #serviceMs: (index: number) => number;
  readonly #hanging: (() => void)[] = [];
  inFlight = 0;

  constructor(serviceMs: (index: number) => number) {
    this.#serviceMs = serviceMs;
  }

  readonly send = async (slot: number): Promise<Request> => {
    this.inFlight += 1;
    const serviceMs = this.#serviceMs(this.requests.length);
    const request: Request = { slot, sentMs: this.time.nowMs, inFlight: this.inFlight, doneMs: Number.NaN };
    this.requests.push(request);
    if (serviceMs === Number.POSITIVE_INFINITY) await new Promise<void>((resolve) => this.#hanging.push(resolve));
    else await this.time.after(serviceMs);
    this.inFlight -= 1;
    request.doneMs = this.time.nowMs;
    return request;
  };

  release(): void {
    for (const resolve of this.#hanging.splice(0)) resolve();
  }
}

/** Times that differ from request to request, so that slots do not go in step. */
export const uneven = (index: number): number => 10 + ((index * 7) % 5);

interface Times {
  readonly sentMs: number;
  readonly doneMs: number;
}

/** Works on one request after the other, in the order of arrival, `workMs(n)` on the n-th. */
export class SingleServer {
  readonly time = new SimulatedTime();
  readonly #workMs: (index: number) => number;
  #taken = 0;
  #busyUntilMs = 0;

  constructor(workMs: (index: number) => number) {
    this.#workMs = workMs;
  }

  readonly send = async (): Promise<Times> => {
    const sentMs = this.time.nowMs;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, sentMs) + this.#workMs(this.#taken);
    this.#taken += 1;
    await this.time.after(this.#busyUntilMs - sentMs);
    return { sentMs, doneMs: this.time.nowMs };
  };
}

/** Works on all requests at once, each of them the slower the more there are; alone, the n-th takes `workMs(n)`. */
export class SharedProcessor {
  readonly time = new SimulatedTime();
  readonly #workMs: (index: number) => number;
  #jobs: { leftMs: number; readonly resolve: () => void }[] = [];
  #taken = 0;
  #workedUntilMs = 0;
  #turn = 0;

  constructor(workMs: (index: number) => number) {
    this.#workMs = workMs;
  }

  readonly send = async (): Promise<Times> => {
    const sentMs = this.time.nowMs;
    this.#work();
    await new Promise<void>((resolve) => {
      this.#jobs.push({ leftMs: this.#workMs(this.#taken), resolve });
      this.#taken += 1;
      this.#plan();
    });
    return { sentMs, doneMs: this.time.nowMs };
  };

  /** Does what was to be done since the last time. */
  #work(): void {
    const eachMs = (this.time.nowMs - this.#workedUntilMs) / this.#jobs.length;
    for (const job of this.#jobs) job.leftMs -= eachMs;
    this.#workedUntilMs = this.time.nowMs;
  }

  /** Plans the end of the job that has the least left; a later plan replaces this one. */
  #plan(): void {
    this.#turn += 1;
    const turn = this.#turn;
    const leastMs = Math.min(...this.#jobs.map(({ leftMs }) => leftMs));
    void this.time.after(leastMs * this.#jobs.length).then(() => {
      if (turn !== this.#turn) return;
      this.#work();
      const [first] = this.#jobs.sort((one, other) => one.leftMs - other.leftMs).splice(0, 1);
      first?.resolve();
      if (this.#jobs.length > 0) this.#plan();
    });
  }
}
