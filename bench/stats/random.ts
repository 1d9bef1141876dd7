import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The same seed gives the same order. Fisher-Yates. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const generator = xoroshiro128plus(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const chosen = uniformInt(generator, 0, last);
    [order[last], order[chosen]] = [order[chosen] as T, order[last] as T];
  }
  return order;
}
