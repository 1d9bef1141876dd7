import { describe, expect, it } from 'vitest';
import { driveOpen, type OpenSpan } from './open-driver.ts';
import { type Arrivals, Schedule } from './schedule.ts';
import { SimulatedTime } from './simulated-time.fixture.ts';

interface Sent {
  readonly dueMs: number;
  readonly sentMs: number;
  readonly doneMs: number;
  readonly slot: number;
}

interface Outcome {
  readonly span: OpenSpan;
  readonly requests: readonly Sent[];
}

/** Drives an open loop against a server that answers each request after `serviceMs(when it was sent)`. */
async function drive(
  arrivals: Partial<Arrivals>,
  serviceMs: (sentMs: number) => number,
  options: { mostInFlight?: number; abortAtMs?: number } = {},
): Promise<Outcome> {
  const time = new SimulatedTime();
  const controller = new AbortController();
  const requests: Sent[] = [];
  const all: Arrivals = { rate: 100, arrival: 'constant', durationMs: 1000, seed: 1, ...arrivals };
  const send = async (slot: number): Promise<{ sentMs: number; slot: number }> => {
    const sentMs = time.nowMs;
    await time.after(serviceMs(sentMs));
    return { sentMs, slot };
  };
  const span = driveOpen(
    {
      send,
      onDone: (sent, _index, dueMs) => requests.push({ ...sent, dueMs, doneMs: time.nowMs }),
      signal: controller.signal,
      now: time.now,
    },
    time,
    { schedule: new Schedule(all), durationMs: all.durationMs, mostInFlight: options.mostInFlight ?? 1000 },
  );
  if (options.abortAtMs !== undefined) void time.after(options.abortAtMs).then(() => controller.abort());
  await time.run();
  return { span: await span, requests };
}

describe('driveOpen', () => {
  it('sends each request when it is due, whether earlier ones are over or not', async () => {
    const { span, requests } = await drive({}, () => 500);
    expect(span).toMatchObject({ sent: 100, notSent: 0 });
    expect(requests.every(({ sentMs, dueMs }) => sentMs === dueMs)).toBe(true);
    expect(requests.map(({ dueMs }) => dueMs).slice(0, 3)).toEqual([0, 10, 20]);
  });

  it('counts a stall from when requests were due, though they were sent late', async () => {
    const stalled = (sentMs: number): number => (sentMs < 400 ? 400 - sentMs : 1);
    const { requests } = await drive({}, stalled, { mostInFlight: 5 });
    const late = requests.filter(({ dueMs }) => dueMs >= 50 && dueMs < 400);
    expect(late).toHaveLength(35);
    for (const { dueMs, sentMs, doneMs } of late) {
      expect(sentMs).toBeGreaterThanOrEqual(400);
      expect(doneMs - dueMs).toBeGreaterThanOrEqual(400 - dueMs);
    }
  });

  it('counts what could not be sent before the end', async () => {
    const { span, requests } = await drive({}, () => 300, { mostInFlight: 10 });
    expect(span.sent).toBe(requests.length);
    expect(span.sent + span.notSent).toBe(100);
    expect(span.notSent).toBeGreaterThan(50);
  });

  it('uses no more slots than requests are in flight, and none twice at once', async () => {
    const { requests } = await drive({}, () => 25);
    expect(new Set(requests.map(({ slot }) => slot)).size).toBe(3);
    const bySlot = Map.groupBy(requests, ({ slot }) => slot);
    for (const [, ofSlot] of bySlot)
      ofSlot.slice(1).forEach((request, index) => expect(request.sentMs).toBeGreaterThanOrEqual(ofSlot[index]?.doneMs ?? 0));
  });

  it('ends early when it is told to, counting only what was due until then', async () => {
    const { span, requests } = await drive({}, () => 200, { mostInFlight: 2, abortAtMs: 305 });
    expect(requests.length).toBe(span.sent);
    expect(span.sent + span.notSent).toBe(31);
  });

  it('sends nothing when it was told to end before it began', async () => {
    const { span } = await drive({}, () => 1, { abortAtMs: 0 });
    expect(span.sent).toBeLessThanOrEqual(1);
  });
});
