import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canStart, CHAT_BODY, CHAT_PATH, mustRun, type Tool, type ToolJob, TOOLS_FOLDER } from './tool.ts';

const VERSION = 'v1.8.1';

/** k6, a Go module. */
export const k6: Tool = {
  name: 'k6',
  version: VERSION,
  keepsRate: true,
  install: async () => {
    const command = join(TOOLS_FOLDER, 'k6', 'k6');
    if (!(await canStart(command, ['version'])))
      await mustRun('go', ['install', `go.k6.io/k6@${VERSION}`], { GOBIN: join(TOOLS_FOLDER, 'k6') });
    return command;
  },
  args: (job) => {
    const script = join(mkdtempSync(join(tmpdir(), 'litellm-perf-')), 'chat.js');
    writeFileSync(script, scriptFor(job));
    return ['run', '--quiet', '--no-usage-report', '--address=', script];
  },
  parse: (stdout) => JSON.parse(stdout) as { requests: number; p50Ms: number; p99Ms: number },
};

function scriptFor({ baseUrl, seconds, connections, rate }: ToolJob): string {
  const scenario =
    rate === undefined
      ? { executor: 'constant-vus', vus: connections, duration: `${seconds}s` }
      : {
          executor: 'constant-arrival-rate',
          rate,
          timeUnit: '1s',
          duration: `${seconds}s`,
          preAllocatedVUs: connections,
          maxVUs: connections,
        };
  return `
import http from 'k6/http';
export const options = { scenarios: { chat: ${JSON.stringify(scenario)} }, summaryTrendStats: ['p(50)', 'p(99)'], discardResponseBodies: true };
export default function () { http.post('${baseUrl}${CHAT_PATH}', '${CHAT_BODY}', { headers: { 'content-type': 'application/json' } }); }
export function handleSummary({ metrics }) {
  const { values } = metrics.http_req_duration;
  return { stdout: JSON.stringify({ requests: metrics.http_reqs.values.count, p50Ms: values['p(50)'], p99Ms: values['p(99)'] }) };
}
`;
}
