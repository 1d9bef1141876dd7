import { inject } from 'vitest';
import { launchProxy } from '../../fixtures/proxy/launch.ts';
import type { StartedProxy } from '../../fixtures/proxy/started-proxy.ts';
import type { Target } from '../../fixtures/proxy/target.ts';
import { launchOptions } from '../launch-options.ts';
import type { Settings } from '../settings.ts';

let launches = 0;

/** Starts a target for one launch of a trial; its log has the number of the launch in its name. */
export function launchTarget(target: Target, settings: Settings, onProgress: (line: string) => void): Promise<StartedProxy> {
  const { providerUrl, apiKey, runFolder } = inject('world');
  launches += 1;
  const name = `${target.name.replace(/[^A-Za-z0-9_.-]+/g, '_')}-${launches}`;
  return launchProxy(target, launchOptions(settings, { name, providerUrl, apiKey, runFolder, onProgress }));
}
