import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canStart, CHAT_BODY, CHAT_PATH, mustRun, type Tool } from './tool.ts';

const UNITS_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** wrk, of the system's packages. Closed loop only. */
export const wrk: Tool = {
  name: 'wrk',
  version: '4.1',
  keepsRate: false,
  install: async () => {
    if (await canStart('wrk')) return 'wrk';
    await mustRun('apt-get', ['update', '-qq']);
    await mustRun('apt-get', ['install', '-y', '-qq', 'wrk']);
    return 'wrk';
  },
  args: ({ baseUrl, seconds, connections }) => {
    const script = join(mkdtempSync(join(tmpdir(), 'litellm-perf-')), 'chat.lua');
    writeFileSync(script, `wrk.method = "POST"\nwrk.body = '${CHAT_BODY}'\nwrk.headers["content-type"] = "application/json"\n`);
    return ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, `${baseUrl}${CHAT_PATH}`];
  },
  parse: (stdout) => ({
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    p50Ms: percentile(stdout, '50%'),
    p99Ms: percentile(stdout, '99%'),
  }),
};

function percentile(stdout: string, label: string): number {
  const [, number, unit = ''] = new RegExp(`^\\s+${label}\\s+([\\d.]+)(us|ms|s|m)`, 'm').exec(stdout) ?? [];
  return Number(number) * (UNITS_MS[unit] ?? Number.NaN);
}
