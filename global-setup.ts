import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { launchOptions } from './bench/launch-options.ts';
import type { World } from './bench/load/world.ts';
import { type ProxyFacts, runContext, setRunContext } from './bench/run-context.ts';
import { resolveSettings, type Settings } from './bench/settings.ts';
import { serveControl } from './fixtures/control.ts';
import { SetUpError } from './fixtures/process/errors.ts';
import { describeMachine } from './fixtures/process/machine.ts';
import { claimPort } from './fixtures/process/ports.ts';
import { startProvider } from './fixtures/provider/started-provider.ts';
import { launchProxy } from './fixtures/proxy/launch.ts';
import { describeExit } from './fixtures/proxy/ready.ts';
import type { LaunchOptions, StartedProxy } from './fixtures/proxy/started-proxy.ts';
import type { Target } from './fixtures/proxy/target.ts';

const COULD_NOT_MEASURE = 3;

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
    if (!(error instanceof SetUpError)) throw error;
    console.error(`\nlitellm-perf: ${error.message}`);
    process.exit(COULD_NOT_MEASURE);
  }
  return async () => {
    entry.users -= 1;
    if (entry.users === 0) await entry.end();
  };
}

async function startWorld(settings: Settings, stack: AsyncDisposableStack): Promise<World> {
  reportBreak();
  const startedAt = new Date();
  const runFolder = makeRunFolder(settings, startedAt);
  if (settings.startProxy) await claimPort('--proxy-port', settings.proxyHost, settings.proxyPort);
  const apiKey = settings.apiKey ?? `sk-${randomBytes(24).toString('hex')}`;
  const providerUrl = await provide(settings, stack);
  const world = { providerUrl, apiKey, mock: settings.providerUrl === undefined, runFolder };
  note(`run folder ${runFolder}`);
  const [target, ...others] = settings.target;
  if (target === undefined || others.length > 0) {
    publish(settings, startedAt, runFolder, undefined);
    return { ...world, proxyUrl: '', controlUrl: '' };
  }
  const proxy = await startProxy(target, launchOptions(settings, { name: 'proxy', providerUrl, apiKey, runFolder, onProgress: note }));
  stack.use(proxy);
  const control = await serveControl(proxy);
  stack.defer(control.close);
  publish(settings, startedAt, runFolder, { target: target.spec, version: proxy.version, revision: proxy.revision, freeze: proxy.freeze, logPath: proxy.logPath });
  watch(proxy, stack);
  return { ...world, proxyUrl: proxy.baseUrl, controlUrl: control.url };
}

async function startProxy(target: Target, options: LaunchOptions): Promise<StartedProxy> {
  note(`starting ${target.spec}`);
  const launchedMs = performance.now();
  const proxy = await launchProxy(target, options);
  note(`LiteLLM ${proxy.version} ready after ${((performance.now() - launchedMs) / 1000).toFixed(1)} s at ${proxy.baseUrl}`);
  return proxy;
}

async function provide(settings: Settings, stack: AsyncDisposableStack): Promise<string> {
  if (settings.providerUrl !== undefined) return settings.providerUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  const port = await claimPort('--provider-port', settings.providerHost, settings.providerPort);
  const provider = await startProvider({
    host: settings.providerHost,
    port,
    firstTokenDelayMs: settings.providerFirstTokenDelayMs,
    eventGapMs: settings.providerEventGapMs,
    contentEvents: settings.providerStreamContentChunks,
    contentKind: settings.providerContent,
    eventBytes: settings.providerEventBytes,
    systemFingerprint: settings.providerSystemFingerprint,
    threads: settings.providerThreads,
  });
  stack.use(provider);
  return provider.baseUrl;
}

function publish(settings: Settings, startedAt: Date, runFolder: string, proxy: ProxyFacts | undefined): void {
  setRunContext({ settings, machine: describeMachine(), runFolder, startedAt, proxy, broken: undefined });
}

/** A proxy that ends before it is told to breaks the run. */
function watch(proxy: StartedProxy, stack: AsyncDisposableStack): void {
  let ending = false;
  stack.defer(() => void (ending = true));
  void proxy.exited.then((exit) => ending || breakOff(`the proxy ended during the run, ${describeExit(exit)}; its log is ${proxy.logPath}`));
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
