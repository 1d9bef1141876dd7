import { monitorEventLoopDelay } from 'node:perf_hooks';
import { machineBusyMs } from '../../fixtures/process/machine.ts';
import type { UsageReading } from '../../fixtures/process/usage.ts';
import type { ProviderStats } from '../../fixtures/provider/records.ts';

/** Where the resources of the world under test are read. */
export interface Probes {
  readonly proxy: () => Promise<UsageReading>;
  readonly provider: () => Promise<ProviderStats | undefined>;
}

/** What was used from one moment to another; CPU times in milliseconds, NaN where it cannot be known. */
export interface Consumption {
  readonly wallMs: number;
  readonly clientCpuMs: number;
  readonly proxyCpuMs: number;
  readonly providerCpuMs: number;
  /** CPU time of all other work of the machine. */
  readonly otherCpuMs: number;
  readonly clientLagP99Ms: number;
  readonly providerLagP99Ms: number;
  readonly proxyStartBytes: number;
  readonly proxyPeakBytes: number;
  readonly proxyAfterBytes: number;
  readonly clientPeakBytes: number;
  /** Why the proxy's figures are missing. */
  readonly unavailable: string | undefined;
}

/** Of what nobody asks the consumption of. */
export const UNMETERED: Consumption = {
  wallMs: Number.NaN,
  clientCpuMs: Number.NaN,
  proxyCpuMs: Number.NaN,
  providerCpuMs: Number.NaN,
  otherCpuMs: Number.NaN,
  clientLagP99Ms: Number.NaN,
  providerLagP99Ms: Number.NaN,
  proxyStartBytes: Number.NaN,
  proxyPeakBytes: Number.NaN,
  proxyAfterBytes: Number.NaN,
  clientPeakBytes: Number.NaN,
  unavailable: undefined,
};

const RSS_POLL_MS = 200;
/** Each look at the loop wakes the process: at 1 ms that alone took 1 to 2 % of a core. */
const LOOP_RESOLUTION_MS = 10;

interface Reading {
  readonly atMs: number;
  readonly proxy: UsageReading;
  readonly provider: ProviderStats | undefined;
  readonly machineMs: number | undefined;
}

/** Measures what a block of load costs: read before, poll memory meanwhile, read after. */
export class ResourceMeter {
  readonly #probes: Probes;
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  constructor(probes: Probes) {
    this.#probes = probes;
  }

  async during(block: () => Promise<void>): Promise<Consumption> {
    const before = await this.#read();
    const peak = { proxy: rssOf(before.proxy), client: process.memoryUsage.rss() };
    const poll = setInterval(() => void this.#pollMemory(peak), RSS_POLL_MS);
    this.#loop.enable();
    this.#loop.reset();
    // Read innermost: asking the proxy and the mock takes the client more CPU than many a request.
    const clientBefore = process.cpuUsage();
    await block();
    const client = process.cpuUsage(clientBefore);
    this.#loop.disable();
    clearInterval(poll);
    const lagMs = Math.max(this.#loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS, 0);
    const after = await this.#read();
    return difference(
      before,
      after,
      (client.user + client.system) / 1000,
      { proxy: Math.max(peak.proxy, rssOf(after.proxy)), client: peak.client },
      lagMs,
    );
  }

  async #pollMemory(peak: { proxy: number; client: number }): Promise<void> {
    peak.client = Math.max(peak.client, process.memoryUsage.rss());
    const reading = await this.#probes.proxy();
    if ('rssBytes' in reading) peak.proxy = Math.max(peak.proxy, reading.rssBytes);
  }

  async #read(): Promise<Reading> {
    const [proxy, provider] = await Promise.all([this.#probes.proxy(), this.#probes.provider()]);
    return { atMs: performance.now(), proxy, provider, machineMs: machineBusyMs() };
  }
}

function difference(
  before: Reading,
  after: Reading,
  clientCpuMs: number,
  peak: { proxy: number; client: number },
  clientLagP99Ms: number,
): Consumption {
  const proxyCpuMs = cpuOf(after.proxy) - cpuOf(before.proxy);
  const providerCpuMs = (after.provider?.cpuMs ?? Number.NaN) - (before.provider?.cpuMs ?? Number.NaN);
  const machineMs = (after.machineMs ?? Number.NaN) - (before.machineMs ?? Number.NaN);
  return {
    wallMs: after.atMs - before.atMs,
    clientCpuMs,
    proxyCpuMs,
    providerCpuMs,
    otherCpuMs: machineMs - clientCpuMs - proxyCpuMs - providerCpuMs,
    clientLagP99Ms,
    providerLagP99Ms: after.provider?.eventLoopLagP99Ms ?? Number.NaN,
    proxyStartBytes: rssOf(before.proxy),
    proxyPeakBytes: peak.proxy,
    proxyAfterBytes: rssOf(after.proxy),
    clientPeakBytes: peak.client,
    unavailable: 'unavailable' in after.proxy ? after.proxy.unavailable : undefined,
  };
}

function cpuOf(reading: UsageReading): number {
  return 'cpuMs' in reading ? reading.cpuMs : Number.NaN;
}

function rssOf(reading: UsageReading): number {
  return 'rssBytes' in reading ? reading.rssBytes : Number.NaN;
}
