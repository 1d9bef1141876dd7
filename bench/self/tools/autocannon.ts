import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHAT_BODY, CHAT_PATH, mustRun, type Tool, TOOLS_FOLDER } from './tool.ts';

const VERSION = '9.0.0';
const FOLDER = join(TOOLS_FOLDER, `autocannon-${VERSION}`);
const PROGRAM = join(FOLDER, 'node_modules', 'autocannon', 'autocannon.js');

interface AutocannonReport {
  readonly requests: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
}

/** autocannon, of npm; it tells latencies in whole milliseconds. */
export const autocannon: Tool = {
  name: 'autocannon',
  version: VERSION,
  keepsRate: true,
  install: async () => {
    mkdirSync(FOLDER, { recursive: true });
    if (!existsSync(PROGRAM)) await mustRun('npm', ['install', '--no-fund', '--no-audit', '--prefix', FOLDER, `autocannon@${VERSION}`]);
    return process.execPath;
  },
  args: ({ baseUrl, seconds, connections, rate }) => [
    PROGRAM,
    '--json',
    '--no-progress',
    `--connections=${connections}`,
    `--duration=${seconds}`,
    '--method=POST',
    '--headers=content-type=application/json',
    `--body=${CHAT_BODY}`,
    ...(rate === undefined ? [] : [`--overallRate=${rate}`]),
    `${baseUrl}${CHAT_PATH}`,
  ],
  parse: (stdout) => {
    const { requests, latency } = JSON.parse(stdout) as AutocannonReport;
    return { requests: requests.total, p50Ms: latency.p50, p99Ms: latency.p99 };
  },
};
