import { z } from 'zod';
import type { Endpoint } from '../client/endpoint.ts';
import { median } from '../stats/percentile.ts';

/** How fast the machine is right now, without any proxy. */
export const probeSchema = z.object({
  /** A fixed loop of arithmetic. */
  cpuLoopMs: z.number(),
  /** A request straight to the mock, one at a time; null for a provider that is not ours. */
  directMs: z.number().nullable(),
});
export type Probe = z.output<typeof probeSchema>;

/** Beyond this share the machine is another than it was. */
const SAME_MACHINE = 0.05;
const LOOPS = 9;
const REQUESTS = 300;

/** @param direct the mock; its requests are few and one at a time */
export async function probeMachine(direct: Endpoint | undefined): Promise<Probe> {
  const loops = Array.from({ length: LOOPS }, () => timedLoop());
  if (direct === undefined) return { cpuLoopMs: median(loops), directMs: null };
  const times: number[] = [];
  for (let index = 0; index < 2 * REQUESTS; index += 1) {
    const exchange = await direct.chat(0);
    if (index >= REQUESTS) times.push(exchange.doneMs - exchange.sentMs);
  }
  return { cpuLoopMs: median(loops), directMs: median(times) };
}

/** A sentence for each part of the probe that moved too far for a comparison to be worth a verdict. */
export function probeDrift(before: Probe, now: Probe): string[] {
  const parts = [
    { name: 'the CPU loop', before: before.cpuLoopMs, now: now.cpuLoopMs },
    { name: 'a direct request', before: before.directMs, now: now.directMs },
  ];
  return parts.flatMap(({ name, before: then, now: today }) => {
    if (then === null || today === null) return [];
    const change = today / then - 1;
    return Math.abs(change) <= SAME_MACHINE
      ? []
      : [
          `${name} takes ${today.toFixed(3)} ms, in the baseline ${then.toFixed(3)} ms (${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %)`,
        ];
  });
}

/** Collatz steps: integer arithmetic and branches that no compiler takes away, since the sum is used. */
function timedLoop(): number {
  const startedMs = performance.now();
  let steps = 0;
  for (let start = 1; start < 60_000; start += 1) {
    for (let value = start; value !== 1; value = value % 2 === 0 ? value / 2 : 3 * value + 1) steps += 1;
  }
  const elapsedMs = performance.now() - startedMs;
  return steps > 0 ? elapsedMs : Number.NaN;
}
