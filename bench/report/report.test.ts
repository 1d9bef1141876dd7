import { describe, expect, it } from 'vitest';
import type { LoadResult, Metric } from '../load/result.ts';
import type { RunContext } from '../run-context.ts';
import { resolveSettings } from '../settings.ts';
import { exportAs } from '../export/formats.ts';
import { formatNumber, formatPrecision } from './format.ts';
import { toJson } from './json.ts';
import { liveText } from './live.ts';
import { toMarkdownReport } from './markdown.ts';
import { assemble } from './result.ts';
import { passLines, summaryLines } from './summary.ts';
import { toMarkdown, toText } from './table.ts';

const metric = (value: number, interval: [number, number] | null = null): Metric => ({ value, interval, n: 100, rounds: 3, launches: 1 });

const context: RunContext = {
  settings: resolveSettings({ LITELLM_PERF_API_KEY: 'sk-secret', LITELLM_PERF_ENV: 'TOKEN=hidden', LITELLM_PERF_LABEL: 'mine' }),
  machine: { os: 'Linux x64', kernel: '6', cpu: 'CPU', cores: 2, memoryMib: 1, node: 'v24' },
  runFolder: '/run',
  startedAt: new Date(0),
  proxy: { target: 'pypi:1', version: '1.2.3', revision: 'abc', freeze: ['litellm==1.2.3'], logPath: '/run/proxy.log' },
  probe: { cpuLoopMs: 1, directMs: 1 },
  warnings: [],
  broken: undefined,
};

function loaded(pass: number, p50: number): LoadResult {
  const metrics = {
    'direct.p50_ms': metric(2),
    'direct.p95_ms': metric(3),
    'direct.requests': metric(500),
    'proxy.p50_ms': metric(p50, [p50 - 1, p50 + 1]),
    'proxy.p95_ms': metric(p50 * 2),
    'proxy.rps': metric(100),
    'proxy.requests': metric(500),
    'proxy.failures': metric(2),
    'header.p50_ms': metric(1.5),
  };
  const failures = [{ kind: 'http_500', status: 500, count: 2, message: 'boom' }];
  return {
    title: 'non-stream',
    pass,
    metrics,
    sides: [{ name: 'proxy', group: 'proxy', sent: 600, failures }],
    warnings: [{ code: 'failures', message: '2 failed' }],
    unavailable: {},
  };
}

describe('a run', () => {
  const result = assemble(context, [loaded(1, 30), loaded(2, 10), loaded(3, 20)], false);

  it('is shown by the pass whose proxy p50 is the median', () => {
    expect(result.metrics['proxy.p50_ms']?.value).toBe(20);
    expect(passLines(result)).toHaveLength(3);
  });

  it('takes the upper of two, as the original did', () => {
    expect(assemble(context, [loaded(1, 30), loaded(2, 10)], false).metrics['proxy.p50_ms']?.value).toBe(30);
  });

  it("has the original tool's lines and its difference", () => {
    const text = summaryLines(result).join('\n');
    for (const line of [
      'Label: mine',
      'Revision: abc',
      'Proxy non-stream p50: 20.00 ms',
      'Client-observed overhead p50: 18.00 ms',
      'x-litellm-overhead-duration-ms p50: 1.50 ms',
      '2 http_500',
      'warning: non-stream: 2 failed',
    ])
      expect(text).toContain(line);
  });

  it("has the original tool's JSON keys with their meaning, and ours", () => {
    const json = JSON.parse(toJson(result));
    expect(json.proxy_non_streaming).toMatchObject({ requests: 500, failures: 2, rps: 100, p50_ms: 20, overhead_header_p50_ms: 1.5 });
    expect(json).toMatchObject({
      client_observed_overhead_p50_ms: 18,
      proxy_log_path: '/run/proxy.log',
      proxy_streaming_full: null,
      schema: 'litellm-perf/1',
      partial: false,
    });
  });

  it('stores no key and no value of an added variable', () => {
    expect(toJson(result)).not.toMatch(/sk-secret|hidden/);
    expect(toJson(result)).toContain('TOKEN');
  });

  it('has a Markdown row under its header line', () => {
    expect(toMarkdownReport(result)).toContain('| mine | abc | n/a | n/a | 100.00 | 18.00 | 37.00 | 1.50 | n/a | n/a |');
  });

  it('says when it is partial', () => {
    const partial = assemble({ ...context, broken: 'the proxy ended' }, [loaded(1, 30)], true);
    expect(toMarkdownReport(partial)).toContain('Partial');
    expect(JSON.parse(toJson(partial))).toMatchObject({ partial: true, broken: 'the proxy ended' });
  });

  it('is exported in the formats of other tools, smaller-is-better without rates', () => {
    const exported = { label: 'mine', target: 'pypi:1', metrics: result.metrics, trial: undefined };
    expect(JSON.parse(exportAs('bmf', exported))).toMatchObject({
      'pypi:1': { 'proxy.p50_ms': { value: 20, lower_value: 19, upper_value: 21 } },
    });
    const names = (JSON.parse(exportAs('gab', exported)) as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('pypi:1 proxy.p50_ms');
    expect(names).not.toContain('pypi:1 proxy.rps');
  });
});

describe('text', () => {
  it.each([
    [0, '0.00'],
    [0.1234, '0.123'],
    [9.876, '9.88'],
    [45.67, '45.7'],
    [456.7, '457'],
    [12345.6, '12,346'],
    [Number.NaN, 'n/a'],
  ])('formats %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('gives the half width of an interval as a share', () => {
    expect(formatPrecision(metric(20, [19, 21]))).toBe('+-5.0 %');
    expect(formatPrecision(metric(20))).toBe('n/a');
  });

  it('aligns columns, and escapes bars in Markdown', () => {
    const table = {
      head: ['name', 'ms'],
      rows: [
        ['a|b', '1'],
        ['c', '20'],
      ],
    };
    expect(toText(table)).toEqual(['  name  ms', '  a|b    1', '  c     20']);
    expect(toMarkdown(table)[2]).toBe('| a\\|b | 1 |');
  });

  it('shows phase, done, rate, time left and failures on the live line', () => {
    expect(liveText({ title: 'non-stream', phase: '3 rounds', step: 'round 1, proxy', done: 150, total: 300, failures: 2 }, 1000, 50)).toBe(
      'non-stream | round 1, proxy  150/300  100/s  2 s left  2 failed',
    );
  });
});
