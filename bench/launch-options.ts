import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProviderOptions } from '../fixtures/provider/options.ts';
import type { LaunchOptions } from '../fixtures/proxy/started-proxy.ts';
import type { Settings } from './settings.ts';

/** Docker Desktop runs containers in a virtual machine, whose host network is not this machine's. */
export function defaultNetwork(): 'host' | 'bridge' {
  return process.platform === 'linux' ? 'host' : 'bridge';
}

/** What the settings say about starting a proxy, with what only the run knows. */
export function launchOptions(
  settings: Settings,
  run: Pick<LaunchOptions, 'name' | 'providerUrl' | 'apiKey' | 'runFolder' | 'onProgress'>,
): LaunchOptions {
  return {
    ...run,
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
    network: settings.containerNetwork ?? defaultNetwork(),
    pull: settings.pull,
    constraints: settings.constraints,
  };
}

/** How the mock of these settings behaves. */
export function providerOptions(settings: Settings): Omit<ProviderOptions, 'host' | 'port'> {
  return {
    firstTokenDelayMs: settings.providerFirstTokenDelayMs,
    eventGapMs: settings.providerEventGapMs,
    contentEvents: settings.providerStreamContentChunks,
    contentKind: settings.providerContent,
    eventBytes: settings.providerEventBytes,
    systemFingerprint: settings.providerSystemFingerprint,
    threads: settings.providerThreads,
  };
}
