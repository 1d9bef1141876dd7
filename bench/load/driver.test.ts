import { describe, expect, it } from 'vitest';
import { ClosedLoop, type Drive, driveClosed, type Span } from './driver.ts';
import { type Request, SimulatedServer, uneven } from './simulated-server.fixture.ts';
import { SimulatedTime } from './simulated-time.fixture.ts';

const NEVER = new AbortController().signal;

/** Drives a closed loop to its end against this server. */
async function drive(server: SimulatedServer, count: number, concurrency: number, extra: Partial<Drive<Request>> = {}): Promise<Span> {
  const { time, send } = server;
  return time.finish(driveClosed({ send, onDone: () => {}, signal: NEVER, now: time.now, ...extra }, { count, concurrency }));
}

describe('driveClosed', () => {
  it('sends exactly as many as it was told to', async () => {
    const server = new SimulatedServer(uneven);
    expect(await drive(server, 50, 4)).toMatchObject({ sent: 50 });
    expect(server.requests).toHaveLength(50);
  });

  it('keeps `concurrency` in flight until the last was sent, and never more', async () => {
    const server = new SimulatedServer(uneven);
    await drive(server, 50, 4);
    expect(server.requests.map(({ inFlight }) => inFlight)).toEqual([1, 2, 3, ...Array<number>(47).fill(4)]);
  });

  it('gives each slot one request at a time', async () => {
    const server = new SimulatedServer(uneven);
    await drive(server, 50, 4);
    const bySlot = Map.groupBy(server.requests, ({ slot }) => slot);
    expect([...bySlot.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const ofSlot of bySlot.values()) {
      ofSlot.slice(1).forEach(({ sentMs }, index) => expect(sentMs).toBe(ofSlot[index]?.doneMs));
    }
  });

  it('numbers requests in the order of sending, whenever they end, and says when each was sent', async () => {
    const server = new SimulatedServer((index) => 100 - index);
    const ended: { request: Request; index: number; dueMs: number }[] = [];
    await drive(server, 12, 4, { onDone: (request, index, dueMs) => ended.push({ request, index, dueMs }) });
    expect(ended.map(({ index }) => index).slice(0, 4)).toEqual([3, 2, 1, 0]);
    for (const { request, index, dueMs } of ended) {
      expect(server.requests[index]).toBe(request);
      expect(dueMs).toBe(request.sentMs);
    }
  });

  it('lets the other slots go on beside a slow request', async () => {
    const server = new SimulatedServer((index) => (index === 0 ? 1000 : 10));
    await drive(server, 50, 2);
    expect(server.requests.at(-1)).toMatchObject({ slot: 1, sentMs: 480, doneMs: 490 });
  });

  it('is over when the last in flight is', async () => {
    const server = new SimulatedServer((index) => (index === 5 ? 300 : 10));
    expect(await drive(server, 10, 4)).toEqual({ startedMs: 0, endedMs: 310, sent: 10 });
  });

  it('goes on whatever came of a request', async () => {
    const time = new SimulatedTime();
    const outcomes: string[] = [];
    let sent = 0;
    const send = async (): Promise<string> => {
      sent += 1;
      const outcome = sent % 2 === 0 ? 'failed' : 'good';
      await time.after(10);
      return outcome;
    };
    const drive = { send, onDone: (outcome: string) => outcomes.push(outcome), signal: NEVER, now: time.now };
    expect(await time.finish(driveClosed(drive, { count: 6, concurrency: 1 }))).toMatchObject({ sent: 6 });
    expect(outcomes).toEqual(['good', 'failed', 'good', 'failed', 'good', 'failed']);
  });

  it('goes on beside a request that never ends, and waits for it', async () => {
    const server = new SimulatedServer((index) => (index === 1 ? Number.POSITIVE_INFINITY : 10));
    const { time, requests } = server;
    let over = false;
    const whole = drive(server, 20, 2).then(() => (over = true));
    await time.run();
    expect(requests).toHaveLength(20);
    expect([server.inFlight, over]).toEqual([1, false]);
    server.release();
    expect(await whole).toBe(true);
  });

  it('sends no more when it is told to end, and waits for what is in flight', async () => {
    const server = new SimulatedServer((index) => (index === 1 ? Number.POSITIVE_INFINITY : 10));
    const { time } = server;
    const controller = new AbortController();
    const done: number[] = [];
    const whole = drive(server, 1000, 2, { signal: controller.signal, onDone: (_, index) => done.push(index) });
    void time.after(35).then(() => controller.abort());
    await time.run();
    expect(done).toEqual([0, 2, 3, 4]);
    server.release();
    expect(await whole).toMatchObject({ sent: 5 });
    expect(done).toEqual([0, 2, 3, 4, 1]);
  });

  it('sends nothing when it was told to end before it began', async () => {
    const server = new SimulatedServer(uneven);
    expect(await drive(server, 10, 2, { signal: AbortSignal.abort() })).toMatchObject({ sent: 0 });
    expect(server.requests).toEqual([]);
  });

  it('is over at once with nothing to send', async () => {
    const server = new SimulatedServer(uneven);
    expect(await drive(server, 0, 4)).toEqual({ startedMs: 0, endedMs: 0, sent: 0 });
    expect(server.requests).toEqual([]);
  });

  it('uses no more slots than there are requests', async () => {
    const server = new SimulatedServer(() => 10);
    expect(await drive(server, 3, 8)).toEqual({ startedMs: 0, endedMs: 10, sent: 3 });
    expect(server.requests.map(({ slot }) => slot)).toEqual([0, 1, 2]);
  });
});

describe('ClosedLoop', () => {
  /** A loop of two slots whose very first request takes 100 ms, all others 10. */
  function slowFirst(signal = NEVER): { server: SimulatedServer; loop: ClosedLoop<Request> } {
    const server = new SimulatedServer((index) => (index === 0 ? 100 : 10));
    return { server, loop: new ClosedLoop({ send: server.send, signal, now: server.time.now }, 2) };
  }

  it('begins a part while requests of the one before are in flight, and no slot waits in between', async () => {
    const { server, loop } = slowFirst();
    const parts = async (): Promise<void> => {
      expect(await loop.send(3, () => {})).toBe(3);
      expect([server.time.nowMs, server.inFlight]).toEqual([20, 1]);
      const second = loop.send(5, () => {});
      expect(server.inFlight).toBe(2);
      expect(await second).toBe(5);
    };
    await server.time.finish(parts());
    expect(server.requests.slice(3).map(({ sentMs }) => sentMs)).toEqual([20, 30, 40, 50, 60]);
  });

  it('tells each part of its own requests, counted from 0, also when the next has begun', async () => {
    const { server, loop } = slowFirst();
    const ended: string[] = [];
    const parts = async (): Promise<void> => {
      await loop.send(3, (_, index) => ended.push(`first ${index}`));
      await loop.send(2, (_, index) => ended.push(`second ${index}`));
      await loop.drain();
    };
    await server.time.finish(parts());
    expect(ended).toEqual(['first 1', 'first 2', 'second 0', 'second 1', 'first 0']);
  });

  it('can be waited for until nothing is in flight', async () => {
    const { server, loop } = slowFirst();
    const drained = loop
      .send(3, () => {})
      .then(() => loop.drain())
      .then(() => [server.time.nowMs, server.inFlight]);
    expect(await server.time.finish(drained)).toEqual([100, 0]);
  });

  it('goes from part to part where one has nothing to send', async () => {
    const { server, loop } = slowFirst();
    const parts = async (): Promise<number[]> => [await loop.send(0, () => {}), await loop.send(2, () => {}), await loop.send(0, () => {})];
    expect(await server.time.finish(parts())).toEqual([0, 2, 0]);
    expect(server.requests).toHaveLength(2);
  });

  it('says how many of a part were sent before it was told to end', async () => {
    const controller = new AbortController();
    const { server, loop } = slowFirst(controller.signal);
    void server.time.after(25).then(() => controller.abort());
    const parts = async (): Promise<number[]> => [await loop.send(100, () => {}), await loop.send(100, () => {})];
    expect(await server.time.finish(parts())).toEqual([4, 0]);
  });
});
