import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchProcess, survivors } from './bench-process.ts';

const LONG = [
  '--target',
  'pypi:1.83.14',
  '--requests',
  '20000',
  '--concurrency',
  '10',
  '--rounds',
  '3',
  '--warmup',
  '5',
  'direct',
  'proxy',
];
const WITHIN_MS = 12_000;

/** A run that has results of its first file and is in the middle of its second. */
async function runInTheMiddle(label: string): Promise<{ run: BenchProcess; family: number[]; runFolder: string }> {
  const run = new BenchProcess([...LONG, '--label', label]);
  await run.printed('non-stream: 3 rounds');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { run, family: run.family(), runFolder: /run folder (\S+)/.exec(run.output)?.[1] ?? '' };
}

function storedResult(runFolder: string): { partial: boolean; metrics: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(runFolder, 'result.json'), 'utf8'));
}

describe('a run that ends early', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('leaves nothing running after %s, and its partial result on disk', async (signal) => {
    const { run, family, runFolder } = await runInTheMiddle(`ends-${signal}`);
    expect(family.length).toBeGreaterThanOrEqual(5);
    run.kill(signal);
    expect(await survivors(family, WITHIN_MS)).toEqual([]);
    const stored = storedResult(runFolder);
    expect(stored.partial).toBe(true);
    expect(Object.keys(stored.metrics)).toContain('ceiling.p50_ms');
    if (signal !== 'SIGKILL') expect(run.lastErrorLine).toContain(`stopped by ${signal}`);
  });

  it('exits with 3 and says so on the last line when the proxy dies', async () => {
    const { run, family, runFolder } = await runInTheMiddle('proxy-dies');
    const proxy = family.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('proxy-config.yaml'));
    expect(proxy).toBeDefined();
    process.kill(proxy ?? 0, 'SIGKILL');
    expect(await run.exited).toBe(3);
    expect(run.lastErrorLine).toContain('the proxy ended during the run, by SIGKILL');
    expect(storedResult(runFolder).partial).toBe(true);
    expect(await survivors(family, WITHIN_MS)).toEqual([]);
  });
});
