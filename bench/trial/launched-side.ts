import type { StartedProxy } from '../../fixtures/proxy/started-proxy.ts';
import { readProviderStats } from '../../fixtures/provider/started-provider.ts';
import { Endpoint } from '../client/endpoint.ts';
import { ResourceMeter } from '../load/resources.ts';
import type { Settings } from '../settings.ts';

/** One side of a trial for the length of a launch: its proxy, the client to it, and the meter of what it uses. */
export class LaunchedSide implements AsyncDisposable {
  readonly name: string;
  readonly proxy: StartedProxy;
  readonly endpoint: Endpoint;
  readonly meter: ResourceMeter;

  constructor(
    name: string,
    proxy: StartedProxy,
    world: { readonly settings: Settings; readonly apiKey: string; readonly providerUrl: string },
  ) {
    const { settings, apiKey, providerUrl } = world;
    this.name = name;
    this.proxy = proxy;
    this.endpoint = new Endpoint({ baseUrl: proxy.baseUrl, apiKey, model: settings.model, timeoutMs: settings.timeout * 1000 });
    this.meter = new ResourceMeter({ proxy: () => proxy.usage(), provider: () => readProviderStats(providerUrl) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]();
    await this.proxy.stop();
  }
}
