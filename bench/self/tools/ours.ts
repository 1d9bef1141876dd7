import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../fixtures/process/command.ts';
import type { ClientJob } from '../mock-load.ts';
import type { Tool, ToolJob } from './tool.ts';

const PROGRAM = fileURLToPath(new URL('../our-client.ts', import.meta.url));

/** What `our-client.ts` prints. */
export interface OurReport {
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssMib: number;
}

/** Our client as a command among the others. */
export const ours: Tool = {
  name: 'litellm-perf',
  version: 'this checkout',
  keepsRate: true,
  install: async () => process.execPath,
  args: (job) => [PROGRAM, JSON.stringify(toClientJob(job))],
  parse: (stdout) => JSON.parse(stdout) as OurReport,
};

export async function runOurClient(job: ClientJob): Promise<OurReport> {
  const { code, stdout, stderr } = await runCommand(process.execPath, [PROGRAM, JSON.stringify(job)]);
  if (code !== 0) throw new Error(`our client ended with exit code ${code}: ${stderr.trim().slice(-300)}`);
  return JSON.parse(stdout) as OurReport;
}

/** The others run for a time at a number of connections; so many requests take ours about as long. */
function toClientJob({ baseUrl, seconds, connections, rate }: ToolJob): ClientJob {
  if (rate !== undefined)
    return {
      baseUrl,
      kind: 'chat',
      load: { kind: 'open', rate, arrival: 'constant', seed: 1, durationMs: seconds * 1000, unmeasuredMs: 0, mostInFlight: 10_000 },
    };
  return {
    baseUrl,
    kind: 'chat',
    load: { kind: 'closed', count: Number.MAX_SAFE_INTEGER, concurrency: connections, unmeasured: 0 },
    stopAfterMs: seconds * 1000,
  };
}
