import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { mismatches, readBaseline, workloadOf } from './bench/baseline/baseline.ts';
import { type Probe, probeDrift, probeMachine } from './bench/baseline/probe.ts';
import { Endpoint } from './bench/client/endpoint.ts';
import { defaultNetwork, launchOptions, providerOptions } from './bench/launch-options.ts';
import type { World } from './bench/load/world.ts';
import { runContext, setRunContext } from './bench/run-context.ts';
import { resolveSettings, SettingsError, type Settings } from './bench/settings.ts';
import { serveControl } from './fixtures/control.ts';
import { SetUpError } from './fixtures/process/errors.ts';
import { describeMachine } from './fixtures/process/machine.ts';
import { claimPort } from './fixtures/process/ports.ts';
import { startProvider } from './fixtures/provider/started-provider.ts';
import { launchProxy } from './fixtures/proxy/launch.ts';
import { describeExit } from './fixtures/proxy/ready.ts';
import type { LaunchOptions, StartedProxy } from './fixtures/proxy/started-proxy.ts';
import type { Target } from './fixtures/proxy/target.ts';

const WRONG_SETTINGS = 2;
const COULD_NOT_MEASURE = 3;
/** What LiteLLM's documentation uses; for a proxy that someone else started. */
const USUAL_KEY = 'sk-1234';

// Vitest calls the setup once a project, and every pass is a project: the first makes the world, all share it.
const KEY = Symbol.for('litellm-perf.world');
const shared = globalThis as { [KEY]?: { world: Promise<World>; end: () => Promise<void>; users: number } };

/** Vitest's global setup: mock provider, proxy, and what the workers must know of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = new AsyncDisposableStack();
  const entry = (shared[KEY] ??= { world: startWorld(resolveSettings(process.env), stack), end: () => stack.disposeAsync(), users: 0 });
  entry.users += 1;
  try {
    project.provide('world', await entry.world);
  } catch (error) {
    await entry.end();
    if (!(error instanceof SetUpError || error instanceof SettingsError)) throw error;
    console.error(`\nlitellm-perf: ${error.message}`);
    process.exit(error instanceof SettingsError ? WRONG_SETTINGS : COULD_NOT_MEASURE);
  }
  return async () => {
    entry.users -= 1;
    if (entry.users === 0) await entry.end();
  };
}

async function startWorld(settings: Settings, stack: AsyncDisposableStack): Promise<World> {
  reportBreak();
  const startedAt = new Date();
  const machine = describeMachine();
  const baseline = settings.baseline === undefined ? undefined : readBaseline(settings.baseline);
  const differences = baseline === undefined ? [] : mismatches(baseline, { machine, workload: workloadOf(settings) });
  if (differences.length > 0 && !settings.allowMismatch)
    throw new SettingsError(
      `--baseline ${settings.baseline}: measured under other conditions; --allow-mismatch compares all the same\n  ${differences.join('\n  ')}`,
    );
  const runFolder = makeRunFolder(settings, startedAt);
  if (settings.startProxy) await claimPort('--proxy-port', settings.proxyHost, settings.proxyPort);
  const attached = settings.target.every(({ kind }) => kind === 'url');
  const apiKey = settings.apiKey ?? (attached ? USUAL_KEY : `sk-${randomBytes(24).toString('hex')}`);
  const { providerUrl, listening } = await provide(settings, stack);
  const probe =
    baseline === undefined && settings.saveBaseline === undefined
      ? undefined
      : await listening.then(() => probeOnce(settings, providerUrl));
  const drift = baseline === undefined || probe === undefined ? [] : probeDrift(baseline.probe, probe);
  const warnings = [
    ...differences.map((line) => ({ code: 'baseline_mismatch', message: `the baseline was measured under other conditions: ${line}` })),
    ...drift.map((line) => ({
      code: 'machine_speed',
      message: `the machine is not as fast as when the baseline was made, so budgets against it do not gate: ${line}`,
    })),
  ];
  const world = {
    providerUrl,
    apiKey,
    mock: settings.providerUrl === undefined,
    runFolder,
    baseline: drift.length === 0 ? baseline : undefined,
  };
  const context = { settings, machine, runFolder, startedAt, probe, warnings, broken: undefined };
  note(`run folder ${runFolder}`);
  const [target, ...others] = settings.target;
  if (target === undefined || others.length > 0) {
    await listening;
    setRunContext({ ...context, proxy: undefined });
    return { ...world, proxyUrl: '', controlUrl: '' };
  }
  const starting = startProxy(target, launchOptions(settings, { name: 'proxy', providerUrl, apiKey, runFolder, onProgress: note }));
  const [proxy] = await Promise.all([starting.then((started) => stack.use(started)), listening]);
  const control = await serveControl(proxy);
  stack.defer(control.close);
  setRunContext({
    ...context,
    proxy: { target: target.spec, version: proxy.version, revision: proxy.revision, freeze: proxy.freeze, logPath: proxy.logPath },
  });
  watch(
    proxy.exited.then((exit) => `the proxy ended during the run, ${describeExit(exit)}; its log is ${proxy.logPath}`),
    stack,
  );
  return { ...world, proxyUrl: proxy.baseUrl, controlUrl: control.url };
}

async function probeOnce(settings: Settings, providerUrl: string): Promise<Probe> {
  if (settings.providerUrl !== undefined) return probeMachine(undefined);
  await using direct = new Endpoint({
    baseUrl: providerUrl,
    apiKey: settings.providerApiKey,
    model: settings.model,
    timeoutMs: settings.timeout * 1000,
  });
  return await probeMachine(direct);
}

async function startProxy(target: Target, options: LaunchOptions): Promise<StartedProxy> {
  note(`starting ${target.spec}`);
  const launchedMs = performance.now();
  const proxy = await launchProxy(target, options);
  note(`LiteLLM ${proxy.version} ready after ${((performance.now() - launchedMs) / 1000).toFixed(1)} s at ${proxy.baseUrl}`);
  return proxy;
}

interface Provided {
  readonly providerUrl: string;
  /** Resolves when it can be used; the proxy, which takes much longer, need not wait for that to be started. */
  readonly listening: Promise<void>;
}

async function provide(settings: Settings, stack: AsyncDisposableStack): Promise<Provided> {
  if (settings.providerUrl !== undefined)
    return { providerUrl: settings.providerUrl.replace(/\/+$/, '').replace(/\/v1$/, ''), listening: Promise.resolve() };
  const host = await providerHost(settings);
  const port = await claimPort('--provider-port', host, settings.providerPort);
  const listening = startProvider({ ...providerOptions(settings), host, port }).then((provider) => {
    stack.use(provider);
    watch(
      provider.exited.then(() => 'the mock provider ended during the run'),
      stack,
    );
  });
  return { providerUrl: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`, listening };
}

/** A container on a bridge reaches this machine under the bridge's address only. */
async function providerHost({ providerHost: chosen, target, containerNetwork }: Settings): Promise<string> {
  const bridged = target.some(({ kind }) => kind === 'image') && (containerNetwork ?? defaultNetwork()) === 'bridge';
  if (!bridged || chosen !== '127.0.0.1') return chosen;
  const { bridgeGatewayAddress } = await import('./fixtures/container/network.ts');
  return bridgeGatewayAddress();
}

/** Proxy or mock ending before they are told to breaks the run. */
function watch(ended: Promise<string>, stack: AsyncDisposableStack): void {
  let ending = false;
  stack.defer(() => void (ending = true));
  void ended.then((reason) => ending || breakOff(reason));
}

/** The last line says why the run was broken off, and so does the exit code. */
function reportBreak(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.prependOnceListener(signal, () => breakOff(`stopped by ${signal}`));
  process.on('exit', () => {
    const context = runContext();
    if (context?.broken === undefined) return;
    console.error(`\nlitellm-perf: ${context.broken}. What was measured until then is in ${context.runFolder}`);
    if (!context.broken.startsWith('stopped')) process.exitCode = COULD_NOT_MEASURE;
  });
}

function breakOff(reason: string): void {
  const context = runContext();
  if (context !== undefined) context.broken ??= reason;
}

function makeRunFolder(settings: Settings, startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = resolve('.perf', 'runs', `${time}-${settings.label.replace(/[^A-Za-z0-9_.-]+/g, '_')}`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SetUpError(`cannot make the run's folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
  return folder;
}

function note(line: string): void {
  console.error(`litellm-perf: ${line}`);
}
