import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** The generator's first outputs hardly depend on a small seed (its first number is the same for all of them). */
const UNMIXED = 64;

/** The same seed gives the same order. Fisher-Yates. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const generator = seeded(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const chosen = uniformInt(generator, 0, last);
    [order[last], order[chosen]] = [order[chosen] as T, order[last] as T];
  }
  return order;
}

/** A source of numbers from 0 (included) to 1 (excluded); the same seed gives the same numbers. */
export function uniform(seed: number): () => number {
  const generator = seeded(seed);
  return () => uniformFloat64(generator);
}

function seeded(seed: number): RandomGenerator {
  const generator = xoroshiro128plus(seed);
  for (let output = 0; output < UNMIXED; output += 1) generator.next();
  return generator;
}
