import { join } from 'node:path';
import { canStart, CHAT_BODY, CHAT_PATH, mustRun, type Tool, TOOLS_FOLDER } from './tool.ts';

const VERSION = '1.16.0';

interface OhaReport {
  readonly latencyPercentiles: { readonly p50: number; readonly p99: number };
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
}

/** oha, of crates.io. */
export const oha: Tool = {
  name: 'oha',
  version: VERSION,
  keepsRate: true,
  install: async () => {
    const command = join(TOOLS_FOLDER, 'oha', 'bin', 'oha');
    if (!(await canStart(command)))
      await mustRun('cargo', ['install', 'oha', '--version', VERSION, '--locked', '--quiet', '--root', join(TOOLS_FOLDER, 'oha')]);
    return command;
  },
  args: ({ baseUrl, seconds, connections, rate }) => [
    '--no-tui',
    '--output-format=json',
    `-z${seconds}s`,
    '-w',
    `-c${connections}`,
    '-mPOST',
    '-HContent-Type: application/json',
    `-d${CHAT_BODY}`,
    ...(rate === undefined ? [] : [`-q${rate}`, '--latency-correction']),
    `${baseUrl}${CHAT_PATH}`,
  ],
  parse: (stdout) => {
    const report = JSON.parse(stdout) as OhaReport;
    const requests = Object.values(report.statusCodeDistribution).reduce((sum, count) => sum + count, 0);
    return { requests, p50Ms: report.latencyPercentiles.p50 * 1000, p99Ms: report.latencyPercentiles.p99 * 1000 };
  },
};
