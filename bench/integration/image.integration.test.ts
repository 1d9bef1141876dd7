import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEST_IMAGE, whyNoContainers } from '../../fixtures/container/testing.ts';
import { BenchProcess, SMALL } from './bench-process.ts';

const reasonToSkip = await whyNoContainers();

describe.skipIf(reasonToSkip)('a run against LiteLLM in a container', () => {
  it('measures all four metrics without a failure, with CPU and memory from the cgroup', async () => {
    const run = new BenchProcess([...SMALL, '--target', `image:${TEST_IMAGE}`, '--cpus', '1', '--memory', '2g', '--label', 'container']);
    expect(await run.exited, run.output).toBe(0);
    const runFolder = /run folder (\S+)/.exec(run.output)?.[1] ?? '';
    const result = JSON.parse(readFileSync(join(runFolder, 'result.json'), 'utf8')) as {
      revision: string;
      metrics: Record<string, { value: number }>;
    };
    for (const group of ['direct', 'proxy', 'ttft', 'stream']) expect(result.metrics[`${group}.failures`]?.value, group).toBe(0);
    expect(result.revision).toMatch(/^\d+\.\d+\.\d+.*@sha256:[0-9a-f]{12}$/);
    expect(result.metrics['cpu.proxy_ms_per_request']?.value).toBeGreaterThan(0);
    expect(result.metrics['rss.proxy_peak_mib']?.value).toBeGreaterThan(50);
  });
});
