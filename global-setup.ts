import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { World } from './bench/load/world.ts';
import { runContext, setRunContext } from './bench/run-context.ts';
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
  const startedAt = new Date();
  const runFolder = makeRunFolder(settings, startedAt);
  const apiKey = settings.apiKey ?? `sk-${randomBytes(24).toString('hex')}`;
  const [target] = settings.target;
  if (target === undefined) throw new SetUpError('there is no target to measure');
  await claimPort('--proxy-port', settings.proxyHost, target.kind === 'url' ? 0 : settings.proxyPort);
  const providerUrl = await provide(settings, stack);
  note(`run folder ${runFolder}`);
  note(`starting ${target.spec}`);
  const launchedMs = performance.now();
  const proxy = stack.use(await launchProxy(target, launchOptions(settings, { providerUrl, apiKey, runFolder })));
  note(`LiteLLM ${proxy.version} ready after ${((performance.now() - launchedMs) / 1000).toFixed(1)} s at ${proxy.baseUrl}`);
  const control = await serveControl(proxy);
  stack.defer(control.close);
  publish(settings, startedAt, runFolder, target, proxy);
  watch(proxy, stack);
  return { providerUrl, proxyUrl: proxy.baseUrl, apiKey, mock: settings.providerUrl === undefined, controlUrl: control.url, runFolder };
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

function launchOptions(settings: Settings, run: Pick<LaunchOptions, 'providerUrl' | 'apiKey' | 'runFolder'>): LaunchOptions {
  return {
    ...run,
    name: 'proxy',
    providerApiKey: settings.providerApiKey,
    model: settings.model,
    host: settings.proxyHost,
    port: settings.proxyPort,
    startTimeoutMs: settings.proxyStartTimeout * 1000,
    cacheFolder: settings.cacheDir ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'litellm-perf'),
    configFile: settings.litellmConfig,
    env: settings.env,
    litellmDir: settings.litellmDir ?? '.',
    proxyCommand: settings.proxyCommand,
    numWorkers: settings.numWorkers,
    cpuset: settings.cpuset,
    cpus: settings.cpus,
    memory: settings.memory,
    network: settings.containerNetwork ?? (process.platform === 'linux' ? 'host' : 'bridge'),
    pull: settings.pull,
    constraints: settings.constraints,
    onProgress: note,
  };
}

function publish(settings: Settings, startedAt: Date, runFolder: string, target: Target, proxy: StartedProxy): void {
  const facts = { target: target.spec, version: proxy.version, revision: proxy.revision, freeze: proxy.freeze, logPath: proxy.logPath };
  setRunContext({ settings, machine: describeMachine(), runFolder, startedAt, proxy: facts, broken: undefined });
}

/** A proxy that ends before it is told to breaks the run: the last line says so, and the exit code. */
function watch(proxy: StartedProxy, stack: AsyncDisposableStack): void {
  let ending = false;
  stack.defer(() => void (ending = true));
  const breakOff = (reason: string): void => {
    const context = runContext();
    if (context !== undefined) context.broken ??= reason;
  };
  void proxy.exited.then((exit) => ending || breakOff(`the proxy ended during the run, ${describeExit(exit)}; its log is ${proxy.logPath}`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.prependOnceListener(signal, () => breakOff(`stopped by ${signal}`));
  process.on('exit', () => {
    const context = runContext();
    if (context?.broken === undefined) return;
    console.error(`\nlitellm-perf: ${context.broken}. What was measured until then is in ${context.runFolder}`);
    process.exitCode = context.broken.startsWith('stopped') ? process.exitCode : COULD_NOT_MEASURE;
  });
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
