import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../client/failure.ts';
import { Column } from '../stats/distribution.ts';
import type { BlockOutcome, BlockProgress } from './block.ts';
import { ClosedFlow } from './closed-flow.ts';
import { chatOf } from './finished-exchange.fixture.ts';
import { observeWhole } from './observe.ts';
import type { Recording } from './record.ts';
import { Samples } from './samples.ts';
import { SharedProcessor, SimulatedServer, SingleServer, uneven } from './simulated-server.fixture.ts';
import type { SimulatedTime } from './simulated-time.fixture.ts';

const NEVER = new AbortController().signal;

interface Setup {
  /** What comes of the n-th request in the order of ending; a success by default. */
  readonly fails?: (index: number) => FailureKind | undefined;
  readonly good?: Recording['good'];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BlockProgress) => void;
}

interface Server {
  readonly time: SimulatedTime;
  readonly send: (slot: number) => Promise<{ readonly sentMs: number; readonly doneMs: number }>;
}

/** A flow of chat requests to this server. */
function flowTo({ time, send }: Server, concurrency: number, { fails, good, ...setup }: Setup = {}): ClosedFlow {
  let ended = 0;
  const exchange = async (slot: number): Promise<ReturnType<typeof chatOf>> => {
    const { sentMs, doneMs } = await send(slot);
    ended += 1;
    return chatOf({ sentMs, doneMs }, fails?.(ended - 1));
  };
  const recording = { observe: observeWhole, ...(good && { good }) };
  return new ClosedFlow({ send: exchange, recording, now: time.now, signal: NEVER, ...setup }, concurrency);
}

function newSamples(): Samples {
  return new Samples(['latency'], () => new Column());
}

/** Measures parts of so many requests one behind the other, after `fill` that are not measured. */
async function measure(server: Server, flow: ClosedFlow, fill: number, counts: readonly number[], pauseMs = 0): Promise<BlockOutcome[]> {
  const run = async (): Promise<BlockOutcome[]> => {
    const outcomes: BlockOutcome[] = [];
    await flow.fill(fill, newSamples());
    for (const [index, count] of counts.entries()) {
      if (pauseMs > 0 && index > 0) await server.time.after(pauseMs);
      outcomes.push(await flow.measure(count, newSamples(), index === counts.length - 1));
    }
    return outcomes;
  };
  return server.time.finish(run());
}

/** The first request takes 100 ms, all others 10. */
const slowFirst = (index: number): number => (index === 0 ? 100 : 10);

function sum(outcomes: readonly BlockOutcome[], key: 'completed' | 'ended' | 'due'): number {
  return outcomes.reduce((total, outcome) => total + outcome[key], 0);
}

function rates(outcomes: readonly BlockOutcome[]): number[] {
  return outcomes.map(({ completed, wallMs }) => (completed / wallMs) * 1000);
}

describe('ClosedFlow', () => {
  it('counts a request in each part by the share of its time in it', async () => {
    const server = new SimulatedServer(slowFirst);
    const outcomes = await measure(server, flowTo(server, 2), 0, [2, 1]);
    // The first ends at 10 with the quick request, a tenth into the slow one; the second takes the rest.
    expect(outcomes).toEqual([
      { wallMs: 10, completed: 1.1, ended: 1.1, due: 2, notSent: 0 },
      { wallMs: 90, completed: 1.9, ended: 1.9, due: 1, notSent: 0 },
    ]);
  });

  it('counts a request that spans several parts in all of them', async () => {
    const server = new SimulatedServer(slowFirst);
    const outcomes = await measure(server, flowTo(server, 2), 0, [2, 1, 2, 1]);
    expect(outcomes.map(({ wallMs }) => wallMs)).toEqual([10, 10, 20, 60]);
    expect(outcomes.map(({ completed }) => completed)).toEqual([1.1, 1.1, 2.2, 1.6]);
  });

  it('gives no part the time of a pause between parts', async () => {
    const server = new SimulatedServer(slowFirst);
    const [first, second] = await measure(server, flowTo(server, 2), 0, [2, 1], 20);
    expect(first).toMatchObject({ wallMs: 10, completed: 1.1 });
    expect(second).toMatchObject({ wallMs: 70, completed: 1.7 });
  });

  it('counts every request once over all parts and what fell before the first', async () => {
    const server = new SimulatedServer(uneven);
    const outcomes = await measure(server, flowTo(server, 4), 10, [25, 30, 20]);
    const startedMs = Math.max(...server.requests.map(({ doneMs }) => doneMs)) - outcomes.reduce((total, { wallMs }) => total + wallMs, 0);
    const before = server.requests.reduce(
      (total, { sentMs, doneMs }) => total + Math.max(Math.min(doneMs, startedMs) - sentMs, 0) / (doneMs - sentMs),
      0,
    );
    expect(before).toBeGreaterThan(6);
    expect(before).toBeLessThan(10);
    expect(before + sum(outcomes, 'completed')).toBeCloseTo(85, 9);
    expect(sum(outcomes, 'due')).toBe(75);
  });

  it('counts a request that took no time at all', async () => {
    const server = new SimulatedServer(() => 0);
    expect(sum(await measure(server, flowTo(server, 2), 0, [10, 10]), 'completed')).toBe(20);
  });

  it('counts failures and hang-ups as ended, but not as completed', async () => {
    const server = new SimulatedServer(() => 10);
    const kinds: readonly (FailureKind | undefined)[] = ['timeout', 'cancelled', undefined, undefined];
    const flow = flowTo(server, 1, { fails: (index) => kinds[index] });
    expect(await measure(server, flow, 0, [4])).toMatchObject([{ completed: 2, ended: 4, due: 4 }]);
  });

  it('counts as completed what succeeded beyond a limit', async () => {
    const server = new SimulatedServer(slowFirst);
    expect(await measure(server, flowTo(server, 1, { good: { latency: 50 } }), 0, [4])).toMatchObject([{ completed: 4 }]);
  });

  it('keeps no times of the requests that fill the queue, though one of them ends later', async () => {
    const server = new SimulatedServer(slowFirst);
    const flow = flowTo(server, 2);
    const [filling, measured] = [newSamples(), newSamples()];
    const outcome = await server.time.finish(flow.fill(2, filling).then(() => flow.measure(3, measured, true)));
    expect([filling.sent, filling.of('latency').n]).toEqual([2, 0]);
    expect([measured.sent, measured.of('latency').n]).toEqual([3, 3]);
    expect(outcome).toMatchObject({ wallMs: 90, completed: 3.9 });
  });

  it('keeps the times of a request with the part that sent it', async () => {
    const server = new SimulatedServer(slowFirst);
    const flow = flowTo(server, 2);
    const [first, second] = [newSamples(), newSamples()];
    await server.time.finish(flow.measure(2, first, false).then(() => flow.measure(2, second, true)));
    expect([...(first.of('latency').values() ?? [])]).toEqual([10, 100]);
    expect([...(second.of('latency').values() ?? [])]).toEqual([10, 10]);
  });

  it('waits in the last part for all that is in flight', async () => {
    const server = new SimulatedServer(slowFirst);
    const flow = flowTo(server, 2);
    const over = async (last: boolean): Promise<number> => flow.measure(2, newSamples(), last).then(() => server.time.nowMs);
    expect(await server.time.finish(over(false))).toBe(10);
    expect(server.inFlight).toBe(0);
    const other = new SimulatedServer(slowFirst);
    const waited = flowTo(other, 2).measure(2, newSamples(), true);
    expect(await other.time.finish(waited.then(() => other.time.nowMs))).toBe(100);
  });

  it('tells of every request by the end of each part, and counts those that were measured', async () => {
    const server = new SimulatedServer(() => 10);
    const told = { ended: 0, failed: 0, bad: 0 };
    const onProgress = (progress: BlockProgress): void => {
      for (const key of ['ended', 'failed', 'bad'] as const) told[key] += progress[key];
    };
    const fails = (index: number): FailureKind | undefined => (index < 3 || index === 40 ? 'timeout' : undefined);
    await measure(server, flowTo(server, 1, { fails, onProgress }), 2, [20, 19]);
    expect(told).toEqual({ ended: 39, failed: 4, bad: 2 });
  });

  it('says how many were sent of a part that was cut short', async () => {
    const server = new SimulatedServer(() => 10);
    const controller = new AbortController();
    void server.time.after(25).then(() => controller.abort());
    const flow = flowTo(server, 2, { signal: controller.signal });
    expect(await measure(server, flow, 0, [1000])).toEqual([{ wallMs: 30, completed: 6, ended: 6, due: 6, notSent: 0 }]);
  });
});

describe.each([
  ['on one request at a time', () => new SingleServer(() => 10)],
  ['on short and long requests one at a time', () => new SingleServer((index) => 5 + (index % 3) * 5)],
  ['on short and long requests at once', () => new SharedProcessor((index) => 5 + (index % 3) * 5)],
])('the rate of a server that works %s, 10 ms each on average', (_, create) => {
  it('is 100/s in every part, within a percent', async () => {
    const server = create();
    for (const rate of rates(await measure(server, flowTo(server, 4), 8, [200, 200, 200]))) expect(Math.abs(rate - 100)).toBeLessThan(1);
  });
});
