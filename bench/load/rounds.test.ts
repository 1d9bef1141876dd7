import { describe, expect, it } from 'vitest';
import type { Block, RunBlock } from './block.ts';
import type { SideRounds } from './rounds.ts';
import { CountingMeter, SimulatedSides } from './simulated-sides.fixture.ts';

/** The measured requests of each round. */
function measured({ rounds }: SideRounds): number[] {
  return rounds.map(({ samples }) => samples.of('latency').n);
}

function sent({ rounds }: SideRounds): number[] {
  return rounds.map(({ samples }) => samples.sent);
}

describe('rounds under load', () => {
  const load = { requests: 50, concurrency: 2 } as const;
  const five = { count: 5, alternate: 'round', turns: 2 } as const;

  it('take turns in blocks, and the order of the sides is reversed every turn', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct', load), sides.side('proxy', load)], five);
    // Two rounds and three, of ten requests each, and two requests that fill the queue before every block.
    expect(sides.stretches).toEqual([
      ['direct', 22],
      ['proxy', 22 + 32],
      ['direct', 32],
    ]);
    expect(sides.mostInFlight).toBe(2);
  });

  it('have an order of their own where they are given one', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct'), sides.side('proxy')], { ...five, order: (all, turn) => (turn === 0 ? all.toReversed() : all) });
    expect(sides.stretches.map(([name]) => name)).toEqual(['proxy', 'direct', 'proxy']);
  });

  it('have a turn a round by default', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('direct', { requests: 30 }), sides.side('proxy', { requests: 30 })], { count: 3, alternate: 'round' });
    expect(sides.stretches.map(([, count]) => count)).toEqual([10, 20, 20, 10]);
  });

  it('measure as many requests together as they were told to, spread evenly', async () => {
    const sides = new SimulatedSides();
    const [result] = await sides.run([sides.side('proxy', { ...load, requests: 53 })], five);
    expect(result && measured(result)).toEqual([10, 11, 10, 11, 11]);
    expect(result?.pooled.of('latency').n).toBe(53);
  });

  it('warm up before the first round of a side, and at no other time', async () => {
    const sides = new SimulatedSides();
    const [direct, proxy] = await sides.run(
      [sides.side('direct', { ...load, warmup: 7 }), sides.side('proxy', { ...load, warmup: 9 })],
      five,
    );
    expect(sides.stretches).toEqual([
      ['direct', 7 + 20],
      ['proxy', 9 + 20 + 32],
      ['direct', 32],
    ]);
    for (const [result, warmup] of [[direct, 7] as const, [proxy, 9] as const]) {
      expect(result?.warmedUp.sent).toBe(warmup);
      expect(result?.warmedUp.of('latency').n).toBe(0);
    }
  });

  it('count what fills the queue before a later block, and keep no times of it', async () => {
    const sides = new SimulatedSides();
    const [result] = await sides.run([sides.side('proxy', { ...load, warmup: 7 })], five);
    expect(result && sent(result)).toEqual([10, 10, 12, 10, 10]);
    expect(result && measured(result)).toEqual([10, 10, 10, 10, 10]);
    expect(result?.pooled.sent).toBe(52);
  });

  it('have no queue to fill with one in flight', async () => {
    const sides = new SimulatedSides();
    await sides.run([sides.side('proxy', { requests: 50 })], five);
    expect(sides.sent).toHaveLength(50);
  });

  it('have the rate of their sides', async () => {
    const sides = new SimulatedSides();
    const [result] = await sides.run([sides.side('proxy', { requests: 50 })], five);
    expect(result?.rounds.map(({ completed, wallMs }) => completed / wallMs)).toEqual(Array(5).fill(0.1));
  });

  it('read the resources of the sides that report them, and of no other', async () => {
    const sides = new SimulatedSides();
    const [unread, read] = [new CountingMeter(), new CountingMeter()];
    const usage = { group: 'cpu', per: 'request' } as const;
    const [direct, proxy] = await sides.run(
      [sides.side('direct', { ...load, metered: unread }), sides.side('proxy', { ...load, usage, metered: read })],
      five,
    );
    expect([unread.reads, read.reads]).toEqual([0, 10]);
    expect(direct?.rounds.every(({ consumption }) => Number.isNaN(consumption.proxyCpuMs))).toBe(true);
    expect(proxy?.rounds.map(({ consumption }) => consumption.proxyCpuMs)).toEqual([1, 1, 1, 1, 1]);
  });

  it('say which round of which side is under way', async () => {
    const sides = new SimulatedSides();
    const long = { requests: 300, concurrency: 2 };
    await sides.run([sides.side('direct', long), sides.side('proxy', long)], { ...five, count: 6 });
    const steps = (name: string, ...rounds: number[]): string[] => rounds.map((round) => `round ${round}, ${name}`);
    expect(sides.steps).toEqual([...steps('direct', 1, 2, 3), ...steps('proxy', 1, 2, 3, 4, 5, 6), ...steps('direct', 4, 5, 6)]);
    expect(sides.progress.at(-1)).toMatchObject({ phase: '6 rounds', done: 300, total: 300, failures: 0 });
  });

  it('end with the rounds so far when they are told to', async () => {
    const sides = new SimulatedSides();
    // A round takes 50 ms, and filling the queue before it 10.
    sides.abortAfter(75);
    const [result] = await sides.run([sides.side('proxy', load)], { ...five, turns: 1 });
    expect(result && measured(result)).toEqual([10, 4]);
  });

  it('wait for all that is in flight when they are told to end', async () => {
    const sides = new SimulatedSides();
    sides.abortAfter(75);
    const atEnd = sides.run([sides.side('proxy', { ...load, takesMs: (index) => (index === 9 ? 500 : 10) })], { ...five, turns: 1 });
    expect((await atEnd)[0]?.pooled).toMatchObject({ sent: 13, succeeded: 13 });
  });

  it('give the other side no turn any more when they are told to end', async () => {
    const sides = new SimulatedSides();
    sides.abortAfter(75);
    const [direct, proxy] = await sides.run([sides.side('direct', load), sides.side('proxy', load)], five);
    expect([direct?.rounds.length, proxy?.rounds.length]).toEqual([2, 0]);
    expect(sides.stretches.map(([name]) => name)).toEqual(['direct']);
    expect(sides.steps).toEqual(['round 1, direct', 'round 2, direct']);
  });

  it('have no round when they are told to end while a side warms up', async () => {
    const sides = new SimulatedSides();
    sides.abortAfter(25);
    const [result] = await sides.run([sides.side('proxy', { ...load, warmup: 100 })], five);
    expect(result?.rounds).toEqual([]);
    expect(result?.warmedUp).toMatchObject({ sent: 6, succeeded: 6 });
  });
});

describe('rounds that others send', () => {
  it('are blocks of their own, each behind a filled queue, after a warm-up of its own', async () => {
    const blocks: Block[] = [];
    const runBlock: RunBlock = async (block) => {
      blocks.push(block);
      return { wallMs: 1, completed: 1, ended: 1, due: 1, notSent: 0 };
    };
    const sides = new SimulatedSides();
    const side = sides.side('proxy', { requests: 50, concurrency: 2, warmup: 9, warmupConcurrency: 3 });
    await sides.run([side], { count: 5, alternate: 'round', turns: 2 }, { runBlock });
    expect(blocks.map(({ load }) => load)).toEqual([
      { kind: 'closed', count: 9, concurrency: 3, unmeasured: 9 },
      ...Array.from({ length: 5 }, () => ({ kind: 'closed', count: 12, concurrency: 2, unmeasured: 2 })),
    ]);
  });
});
