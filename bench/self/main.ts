import { clientCost } from './client-cost.ts';
import { memory } from './memory.ts';
import { openStreams } from './open-streams.ts';
import { pacing } from './pacing.ts';
import { rivals } from './rivals.ts';
import { printTrial, type SelfTrial } from './self-trial.ts';
import { trust } from './trust.ts';

/** Benchmarks of the suite itself: `node bench/self/main.ts [NAME ...]`, all of them when none is named. */
const TRIALS: Readonly<Record<string, SelfTrial>> = {
  cost: clientCost,
  pacing,
  streams: openStreams,
  memory,
  rivals,
  trust,
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in TRIALS));
if (unknown !== undefined) {
  console.error(`litellm-perf: there is no trial "${unknown}"; there are ${Object.keys(TRIALS).join(', ')}`);
  process.exit(2);
}
for (const [name, trial] of Object.entries(TRIALS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const missed = printTrial(await trial());
  if (missed) process.exitCode = 1;
}
