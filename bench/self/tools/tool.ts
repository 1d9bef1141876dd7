import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../fixtures/process/command.ts';

/** What every tool is asked to do: chat completions against one URL. */
export interface ToolJob {
  /** Without a path. */
  readonly baseUrl: string;
  readonly seconds: number;
  readonly connections: number;
  /** A constant rate, for tools that can keep one; as fast as the connections allow without. */
  readonly rate?: number;
}

/** What a tool says of its own run. */
export interface ToolReport {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A load generator of others, or ours, as a command. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Whether it can send at a constant rate. */
  readonly keepsRate: boolean;
  /** @returns the command, installed first where it was missing. @throws when it cannot be installed */
  readonly install: () => Promise<string>;
  readonly args: (job: ToolJob) => Promise<readonly string[]> | readonly string[];
  /** @throws when the output is not as expected */
  readonly parse: (stdout: string) => ToolReport;
}

export interface ToolRun extends ToolReport {
  /** Of the whole process, its start included, in microseconds a request. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

export const CHAT_PATH = '/v1/chat/completions';
export const CHAT_BODY = JSON.stringify({ model: 'perf-test-model', messages: [{ role: 'user', content: 'hi' }], max_tokens: 1 });

/** Where tools are kept that no package manager of the system owns. */
export const TOOLS_FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'litellm-perf', 'tools');

export async function runTool(tool: Tool, command: string, job: ToolJob): Promise<ToolRun> {
  const cpuBeforeMs = childrenCpuMs();
  const startedMs = performance.now();
  const { code, stdout, stderr } = await runCommand(command, await tool.args(job));
  if (code !== 0) throw new Error(`${tool.name} ended with exit code ${code}: ${(stderr || stdout).trim().slice(-300)}`);
  const report = tool.parse(stdout);
  const seconds = Math.min(job.seconds, (performance.now() - startedMs) / 1000);
  return { ...report, cpuUs: ((childrenCpuMs() - cpuBeforeMs) * 1000) / report.requests, perSecond: report.requests / seconds };
}

/** CPU time of all children that have ended and were waited for; proc_pid_stat(5), fields 16 and 17, in ticks of 10 ms. */
function childrenCpuMs(): number {
  const text = readFileSync('/proc/self/stat', 'latin1');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return ((fields[13] ?? 0) + (fields[14] ?? 0)) * 10;
}

/** @throws with the end of its output when the command fails */
export async function mustRun(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<void> {
  const { code, stdout, stderr } = await runCommand(command, args, env === undefined ? {} : { env: { ...process.env, ...env } });
  if (code !== 0) throw new Error(`${command} ${args[0]}: ${(stderr || stdout).trim().split('\n').at(-1)}`);
}

/** Whether a command can be started at all. */
export async function canStart(command: string, args: readonly string[] = ['--version']): Promise<boolean> {
  return runCommand(command, args).then(
    () => true,
    () => false,
  );
}
