import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveSettings, SettingsError } from '../settings.ts';
import { makeBaseline, mismatches, readBaseline, workloadOf } from './baseline.ts';
import { changesAgainst } from './changes.ts';
import { probeDrift } from './probe.ts';

const machine = { os: 'Linux x64', kernel: '6.1', cpu: 'CPU', cores: 2, memoryMib: 1000, node: 'v24' };
const metrics = {
  'overhead.p50_ms': { value: 5, interval: [4.9, 5.1] as const, n: 300, rounds: 10, launches: 1 },
  'proxy.failures': { value: 0, interval: null, n: 500, rounds: 3, launches: 1 },
};
const workload = workloadOf(resolveSettings({}));
const baseline = makeBaseline({
  label: 'a',
  target: 'pypi:1',
  version: '1',
  revision: '1',
  machine,
  workload,
  probe: { cpuLoopMs: 10, directMs: 0.2 },
  metrics,
});

describe('a kept baseline', () => {
  it('is read as it was written', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'baseline-')), 'b.json');
    writeFileSync(file, JSON.stringify(baseline));
    expect(readBaseline(file)).toEqual(baseline);
  });

  it('is refused when it is none, with the name of the file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'baseline-')), 'b.json');
    writeFileSync(file, '{"schema":"other"}');
    expect(() => readBaseline(file)).toThrow(SettingsError);
    expect(() => readBaseline(file)).toThrow(file);
  });

  it('holds no key', () => {
    expect(JSON.stringify(workloadOf(resolveSettings({ LITELLM_PERF_API_KEY: 'sk-secret' })))).not.toContain('sk-secret');
  });

  it('matches a run like itself', () => {
    expect(mismatches(baseline, { machine, workload })).toEqual([]);
  });

  it('names every difference of machine and workload', () => {
    const other = workloadOf(resolveSettings({ LITELLM_PERF_CONCURRENCY: '7' }));
    expect(mismatches(baseline, { machine: { ...machine, node: 'v26' }, workload: other })).toEqual([
      'node: v24 in the baseline, v26 now',
      'concurrency: 100 in the baseline, 7 now',
    ]);
  });
});

describe('changesAgainst', () => {
  it('holds the launch spread, so that 3 % more is undecided however narrow the rounds', () => {
    const [change] = changesAgainst(
      baseline,
      { 'overhead.p50_ms': { ...metrics['overhead.p50_ms'], value: 5.15, interval: [5.14, 5.16] } },
      0.03,
    );
    expect(change).toMatchObject({ verdict: 'undecided', gates: false });
    expect(change?.interval?.[0]).toBeLessThan(0);
  });

  it('sees a large change', () => {
    const [change] = changesAgainst(baseline, { 'overhead.p50_ms': { ...metrics['overhead.p50_ms'], value: 8 } }, 0.03);
    expect(change).toMatchObject({ verdict: 'slower' });
  });
});

describe('probeDrift', () => {
  it('allows 5 %, and names what moved further', () => {
    expect(probeDrift({ cpuLoopMs: 10, directMs: 0.2 }, { cpuLoopMs: 10.4, directMs: 0.209 })).toEqual([]);
    expect(probeDrift({ cpuLoopMs: 10, directMs: 0.2 }, { cpuLoopMs: 11, directMs: 0.2 })[0]).toContain(
      'the CPU loop takes 11.000 ms, in the baseline 10.000 ms (+10.0 %)',
    );
  });
});
