import { type BenchmarkGroup, type BenchResult, inject } from 'vitest';
import { monotonicMs } from '../../fixtures/clock.ts';
import { readProxyState } from '../../fixtures/control.ts';
import { readProviderStats } from '../../fixtures/provider/started-provider.ts';
import { requireOpenFiles } from '../client/open-files.ts';
import { BoundedHistogram } from '../stats/distribution.ts';
import { benchResult } from './bench-result.ts';
import type { SendOnSlot } from './block.ts';
import { guard } from './guards.ts';
import { sideMetrics } from './metrics.ts';
import { progressSender } from './progress.ts';
import { ProxyWatch } from './proxy-watch.ts';
import { ResourceMeter, type Probes } from './resources.ts';
import type { LoadResult, Metrics } from './result.ts';
import { runRounds, type Side, type SideRounds } from './rounds.ts';
import { isStamped, type Quantity } from './samples.ts';
import { SenderThreads } from './sender-threads.ts';
import { type Sent, sendOnce } from './shared-loads.ts';
import { ownQuantity } from './spec.ts';
import type { World } from './world.ts';

/** Runs the registered benchmarks as sides that take turns in rounds, and leaves all that was found in `test.meta.load`. */
export async function provideRounds(group: BenchmarkGroup): Promise<BenchResult[]> {
  const world = inject('world');
  const settings = inject('settings');
  const sides = group.registrations.map((registration) => toSide(registration, world.mock));
  for (const { load } of sides) requireOpenFiles(load.concurrency);
  const bounded = sides.some(({ load }) => load.open !== undefined);
  using watch = new ProxyWatch(world.controlUrl, group.test.context.signal);
  await using threads = settings.clientThreads > 1 ? new SenderThreads(settings.clientThreads, bounded) : undefined;
  const probes = probesOf(world);
  const onProgress = progressSender(group.test, group.test.name);
  const send = async (): Promise<Sent> => {
    const before = await received(probes);
    const results = await runRounds(sides, group.options?.rounds ?? { count: 1, alternate: 'round' }, {
      meter: new ResourceMeter(probes),
      now: monotonicMs,
      signal: watch.signal,
      onProgress,
      ...(bounded && { createDistribution: () => new BoundedHistogram() }),
      ...(threads && { runBlock: threads.runBlock }),
    });
    return { results, received: { before, after: await received(probes) }, by: group.test.name };
  };
  const sent = await sendOnce(sharedKey(sides), send, () => !watch.signal.aborted);
  if (sent.by !== group.test.name)
    onProgress({ phase: `read from the requests of "${sent.by}"`, step: '', done: 1, total: 1, failures: 0 });
  const results = sent.results.map((result, index) => ({ ...result, side: sides[index] ?? result.side }));
  const load = toLoadResult(group, results, sent);
  group.test.meta.load = load;
  watch.check();
  await refuseEmpty(results, world);
  return Promise.all(results.map((result) => toBenchResult(result, load)));
}

/** Without our mock on this machine, a stamp would be of another clock, or of nobody: what rests on stamps is left out. */
function toSide({ name, fn, fnOpts }: BenchmarkGroup['registrations'][number], stamps: boolean): Side {
  if (fnOpts?.load === undefined) throw new TypeError(`bench("${name}"): expected { load } among its options`);
  const { load } = fnOpts;
  const report = Object.fromEntries(Object.entries(load.report).filter(([quantity]) => stamps || !isStamped(quantity as Quantity)));
  return { name, send: fn as SendOnSlot, load: { ...load, report } };
}

function probesOf(world: World): Probes {
  return {
    proxy: async () => (await readProxyState(world.controlUrl)).usage,
    provider: () => (world.mock ? readProviderStats(world.providerUrl) : Promise.resolve(undefined)),
  };
}

async function received(probes: Probes): Promise<number | undefined> {
  const stats = await probes.provider();
  return stats && stats.requests.chat + stats.requests.stream;
}

function toLoadResult(group: BenchmarkGroup, results: readonly SideRounds[], sent: Sent): LoadResult {
  const world = inject('world');
  const expected = results.reduce((sum, { pooled, warmedUp }) => sum + pooled.sent + (pooled === warmedUp ? 0 : warmedUp.sent), 0);
  const { before, after } = sent.received;
  const reached = before === undefined || after === undefined ? undefined : after - before;
  return {
    title: group.test.name,
    pass: inject('pass'),
    metrics: Object.assign({}, ...results.map((result) => sideMetrics(result))) as Metrics,
    sides: results.map(({ side, pooled }) => ({
      name: side.name,
      group: groupOf(side),
      sent: pooled.sent,
      failures: pooled.failures.list(),
    })),
    // What there was to say of these requests was said by the benchmark that sent them.
    warnings:
      sent.by === group.test.name ? guard(results, { expected, received: reached }, world.mock, inject('settings').clientThreads) : [],
    unavailable: unavailable(results, world),
  };
}

function unavailable(results: readonly SideRounds[], world: World): Record<string, string> {
  const reason = results.flatMap(({ side, rounds }) => (side.load.usage === undefined ? [] : rounds)).at(-1)?.consumption.unavailable;
  return {
    ...(reason !== undefined && { cpu: reason, rss: reason }),
    ...(!world.mock && { overhead: 'the provider is not our mock, so its replies carry no stamps' }),
  };
}

/** A side without a single success has no latency: that is a failed measurement, and its cause comes first. */
async function refuseEmpty(results: readonly SideRounds[], world: World): Promise<void> {
  const empty = results.find(({ pooled }) => pooled.succeeded === 0);
  if (empty === undefined) return;
  const { exit } = await readProxyState(world.controlUrl);
  const [first] = empty.pooled.failures.list();
  if (first === undefined) throw new Error(`${empty.side.name}: no request was over when the measurement was stopped`);
  const cause = exit === undefined ? '' : ` The proxy has ended, ${exit.signal === null ? `exit code ${exit.code}` : `by ${exit.signal}`}.`;
  throw new Error(`${empty.side.name}: all ${empty.pooled.sent} requests failed, the first with ${first.kind}: ${first.message}.${cause}`);
}

async function toBenchResult({ side, pooled }: SideRounds, { metrics, warnings }: LoadResult): Promise<BenchResult> {
  const perSecond = metrics[`${groupOf(side)}.rps`]?.value ?? Number.NaN;
  return { ...(await benchResult(side.name, pooled.of(ownQuantity(side.load)), perSecond, metrics)), warnings };
}

function groupOf({ name, load }: Side): string {
  return load.report[ownQuantity(load)] ?? name;
}

function sharedKey(sides: readonly Side[]): string | undefined {
  const shared = sides[0]?.load.shared;
  return shared && `${shared.name} of pass ${inject('pass')}`;
}
