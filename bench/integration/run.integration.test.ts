import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchProcess, SMALL } from './bench-process.ts';

const TARGET = 'pypi:1.83.14';
const KEY = 'sk-integration-0123456789abcdef0123456789';

describe('a run against the real LiteLLM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'litellm-perf-'));
  const json = join(folder, 'result.json');
  let run: BenchProcess;
  let code: number | null;

  beforeAll(async () => {
    const outputs = ['--output-json', json, '--output-markdown', join(folder, 'result.md'), '--export', `bmf=${join(folder, 'bmf.json')}`];
    run = new BenchProcess(
      [
        ...SMALL,
        '--target',
        TARGET,
        '--api-key',
        KEY,
        '--label',
        'integration',
        ...outputs,
        '--',
        '--reporter=default',
        '--reporter=json',
        '--reporter=junit',
        `--outputFile.json=${join(folder, 'vitest.json')}`,
        `--outputFile.junit=${join(folder, 'junit.xml')}`,
      ],
      {
        GITHUB_STEP_SUMMARY: join(folder, 'step.md'),
      },
    );
    code = await run.exited;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const result = (): Record<string, never> & { metrics: Record<string, { value: number }> } => JSON.parse(readFileSync(json, 'utf8'));
  const value = (metric: string): number => result().metrics[metric]?.value ?? Number.NaN;

  it('succeeds', () => {
    expect(run.output).toContain('passed');
    expect(code).toBe(0);
  });

  it('measures all four metrics of the original without a failure', () => {
    for (const key of ['direct_non_streaming', 'proxy_non_streaming', 'proxy_streaming_ttft', 'proxy_streaming_full']) {
      expect(result()[key], key).toMatchObject({ failures: 0, requests: key.includes('non_streaming') ? 30 : 12 });
    }
  });

  it('finds the first token no later than the end of the stream', () => {
    expect(value('first_content.p50_ms')).toBeLessThanOrEqual(value('unloaded_stream.p50_ms'));
    expect(value('ttft.p50_ms')).toBeGreaterThan(0);
    expect(value('ttft.p50_ms')).toBeLessThanOrEqual(value('stream.p50_ms'));
  });

  it('reads the time to first token and the full stream of the same streams', () => {
    expect(value('stream.rps')).toBeGreaterThan(0);
    expect(value('stream.rps')).toBe(value('ttft.rps'));
  });

  it('splits the overhead into its two sides', () => {
    expect(value('inbound.p50_ms')).toBeGreaterThan(0);
    expect(value('outbound.p50_ms')).toBeGreaterThan(0);
    expect(value('overhead.p50_ms')).toBeGreaterThan(value('inbound.p50_ms'));
    expect(value('cpu.proxy_ms_per_request')).toBeGreaterThan(0);
  });

  it('knows the version and the packages of the proxy', () => {
    expect(result()).toMatchObject({ version: '1.83.14', revision: '1.83.14', partial: false, schema: 'litellm-perf/1' });
    expect(JSON.stringify(result())).toContain('litellm==1.83.14');
  });

  it('has the results in the JSON and JUnit of Vitest', () => {
    expect(readFileSync(join(folder, 'vitest.json'), 'utf8')).toContain('"benchmarks"');
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('non-stream');
  });

  it('writes Markdown, job summary and export', () => {
    for (const file of ['result.md', 'step.md']) expect(readFileSync(join(folder, file), 'utf8')).toMatch(/\| integration \| 1\.83\.14 \|/);
    expect(JSON.parse(readFileSync(join(folder, 'bmf.json'), 'utf8'))).toHaveProperty([TARGET, 'proxy.p50_ms', 'value']);
  });

  it('keeps the key out of everything but the config of the proxy', () => {
    const runFolder = (result() as { run_folder?: string }).run_folder ?? '';
    const files = [
      ...readdirSync(folder).map((name) => join(folder, name)),
      ...readdirSync(runFolder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => join(runFolder, name)),
    ];
    expect(files.filter((file) => readFileSync(file, 'utf8').includes(KEY)).map((file) => file.replace(/.*\//, ''))).toEqual([
      'proxy-config.yaml',
    ]);
    expect(run.output).not.toContain(KEY);
  });
});

describe('a run that cannot hold its promise', () => {
  it('fails with metric, value and limit when a budget is broken', async () => {
    const run = new BenchProcess([
      ...SMALL,
      '--target',
      TARGET,
      '--budget',
      'proxy.p50_ms<=0.001',
      '--budget',
      'stream.p50_ms<=9999',
      'proxy',
    ]);
    expect(await run.exited).toBe(1);
    expect(run.output).toMatch(/budget broken: proxy\.p50_ms is [\d.]+, the limit is proxy\.p50_ms<=0\.001/);
    expect(run.output).toContain('budget stream.p50_ms<=9999: stream.p50_ms was not measured in this run');
  });

  it('says at once why a proxy does not start, with its exit code and log', async () => {
    const run = new BenchProcess([
      '--target',
      'dir:.',
      '--proxy-command',
      'python3 -c "import sys; print(\'no such database\'); sys.exit(7)"',
    ]);
    expect(await run.exited).toBe(3);
    expect(run.errors).toContain('the proxy ended while starting, exit code 7');
    expect(run.errors).toContain('no such database');
  });
});
