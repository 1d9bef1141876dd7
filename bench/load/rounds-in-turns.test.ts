import { describe, expect, it } from 'vitest';
import { CountingMeter, SimulatedSides } from './simulated-sides.fixture.ts';

const ONE = { count: 1, alternate: 'request' } as const;
const TWO = { count: 2, alternate: 'request' } as const;

describe('rounds of requests in turns', () => {
  it('send one request of each side, and the order is reversed every time', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct', { requests: 4 }), sides.side('proxy', { requests: 4 })], ONE);
    expect(sides.sent).toEqual(['direct', 'proxy', 'proxy', 'direct', 'direct', 'proxy', 'proxy', 'direct']);
    expect(sides.mostInFlight).toBe(1);
  });

  it('begin the next round with the other side', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct', { requests: 2 }), sides.side('proxy', { requests: 2 })], TWO);
    expect(sides.sent).toEqual(['direct', 'proxy', 'proxy', 'direct']);
  });

  it('go on with the side that has more requests when the other has had all of its own', async () => {
    const sides = new SimulatedSides();
    const [direct, proxy] = await sides.run([sides.side('direct', { requests: 2 }), sides.side('proxy', { requests: 4 })], ONE);
    expect(sides.sent).toEqual(['direct', 'proxy', 'proxy', 'direct', 'proxy', 'proxy']);
    expect([direct?.pooled.of('latency').n, proxy?.pooled.of('latency').n]).toEqual([2, 4]);
  });

  it('come after the warm-up of every side, which may have several in flight', async () => {
    const sides = new SimulatedSides();
    const [direct] = await sides.run(
      [sides.side('direct', { requests: 1, warmup: 6, warmupConcurrency: 3 }), sides.side('proxy', { requests: 1, warmup: 2 })],
      ONE,
    );
    expect(sides.stretches).toEqual([
      ['direct', 6],
      ['proxy', 2],
      ['direct', 1],
      ['proxy', 1],
    ]);
    expect(sides.mostInFlight).toBe(3);
    expect(direct?.warmedUp.sent).toBe(6);
    expect(direct?.pooled.sent).toBe(1);
  });

  it('say how many ended, and nothing of a rate', async () => {
    const sides = new SimulatedSides();
    const [, proxy] = await sides.run([sides.side('direct', { requests: 2 }), sides.side('proxy', { requests: 6 })], TWO);
    expect(proxy?.rounds.map(({ ended }) => ended)).toEqual([3, 3]);
    expect(proxy?.rounds[0]).toMatchObject({ wallMs: Number.NaN, completed: Number.NaN });
  });

  it('read the resources around each round', async () => {
    const sides = new SimulatedSides();
    const meter = new CountingMeter();
    const [, proxy] = await sides.run([sides.side('direct'), sides.side('proxy')], TWO, { meter });
    expect(meter.reads).toBe(4);
    expect(proxy?.rounds.map(({ consumption }) => consumption.proxyCpuMs)).toEqual([1, 1]);
  });

  it('read the meter of each side where they do not share one', async () => {
    const sides = new SimulatedSides();
    const [one, other] = [new CountingMeter(), new CountingMeter()];
    await sides.run([sides.side('direct', { metered: one }), sides.side('proxy', { metered: other })], TWO);
    expect([one.reads, other.reads]).toEqual([4, 4]);
  });

  it('say how far they are', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct', { requests: 3 }), sides.side('proxy', { requests: 3 })], ONE);
    const done = sides.progress.filter(({ step }) => step === 'round 1, proxy').map((progress) => progress.done);
    expect(done).toEqual([1, 2, 3]);
  });

  it('end with what was sent when they are told to', async () => {
    const sides = new SimulatedSides();
    // In the fourth request of the direct side, behind which the proxy would have had its own.
    sides.abortAfter(65);
    const [direct, proxy] = await sides.run([sides.side('direct'), sides.side('proxy')], { ...ONE, count: 5 });
    expect(direct?.rounds.map(({ ended }) => ended)).toEqual([2, 2]);
    expect(proxy?.pooled.of('latency').n).toBe(3);
  });
});

describe('net overhead', () => {
  const report = { overhead: 'overhead', net_overhead: 'net_overhead' } as const;

  it("is the proxy's overhead less the median of the direct path in the same round", async () => {
    const sides = new SimulatedSides();
    const direct = sides.side('direct', { requests: 6, report: { overhead: 'direct_overhead' }, overheadsMs: [0.5, 4, 1, 3, 2, 9] });
    const proxy = sides.side('proxy', { requests: 6, report, overheadsMs: [6, 7, 8, 6, 7, 8] });
    const [, result] = await sides.run([direct, proxy], TWO);
    const net = result?.rounds.map(({ samples }) => Array.from(samples.of('net_overhead').values() ?? []));
    expect(net).toEqual([
      [5, 6, 7],
      [3, 4, 5],
    ]);
  });

  it('is unknown without a direct side', async () => {
    const sides = new SimulatedSides();
    const [result] = await sides.run([sides.side('proxy', { report })], ONE);
    expect(result?.pooled.of('overhead').n).toBe(10);
    expect(result?.pooled.of('net_overhead').n).toBe(0);
  });
});
