import { describe, expect, it } from 'vitest';
import type { Reading } from '../stats/trend.ts';
import { type SoakRecord, soakResult, timedOf } from './soak-result.ts';

const MINUTE_MS = 60_000;

function record(mibAt: (second: number) => number, changes: Partial<SoakRecord> = {}): SoakRecord {
  const rssMib: Reading[] = Array.from({ length: 600 }, (_, second) => ({ atMs: second * 1000, value: mibAt(second) }));
  return {
    durationMs: 10 * MINUTE_MS,
    rate: 100,
    kinds: { chat: 0.5, stream: 0.5, hangUps: 0.05, seed: 1 },
    segments: Array.from({ length: 40 }, (_, segment) => ({
      p50_ms: segment < 20 ? 10 : 11,
      p95_ms: 20,
      p99_ms: 30,
      requests: 1500,
      failures: 0,
    })),
    requests: 60_000,
    cancelled: 1500,
    failures: [],
    rssMib,
    openFiles: [
      { atMs: 0, value: 60 },
      { atMs: 300_000, value: 140 },
      { atMs: 599_000, value: 64 },
    ],
    unavailable: undefined,
    ...changes,
  };
}

const wave = (second: number): number => Math.sin(second * 12.9898) * 2;

describe('soakResult', () => {
  it('calls steady growth a leak, an hour and a thousand requests', () => {
    const { metrics, details } = soakResult(record((second) => 300 + second / 30 + wave(second)));
    expect(details?.soak?.verdict).toBe('leak');
    expect(metrics['rss.proxy_mib_per_hour']?.value).toBeCloseTo(120, -1);
    expect(metrics['rss.proxy_mib_per_thousand']?.value).toBeCloseTo(0.333, 1);
  });

  it('finds no leak where memory settles, or goes up once', () => {
    expect(soakResult(record((second) => 320 - 20 * Math.exp(-second / 20) + wave(second))).details?.soak?.verdict).toBe('none');
    expect(soakResult(record((second) => (second > 250 ? 330 : 300) + wave(second))).details?.soak?.verdict).toBe('none');
  });

  it('says nothing of a leak when it was too short or could not read the memory', () => {
    expect(soakResult(record(wave, { durationMs: MINUTE_MS / 2 })).details?.soak?.verdict).toBe('unknown');
    const blind = soakResult(record(wave, { rssMib: [], unavailable: 'not ours' }));
    expect(blind.details?.soak).toMatchObject({ verdict: 'unknown', rss: null });
    expect(blind.warnings.map(({ code }) => code)).toEqual(['no_memory']);
  });

  it('holds the last tenth of the time against the first', () => {
    const { metrics } = soakResult(record(wave));
    expect(metrics['soak.latency_change_share']?.value).toBeCloseTo(0.1, 9);
    expect(metrics['soak.open_files']?.value).toBe(64);
    expect(metrics['soak.cancelled']?.value).toBe(1500);
    expect(metrics['soak.failures']?.value).toBe(0);
  });
});

describe('timedOf', () => {
  it('chooses one kind, since the median of a mix of two jumps between them', () => {
    expect([timedOf({ chat: 0.5 }), timedOf({ chat: 1 }), timedOf({ chat: 0 })]).toEqual(['chat', 'chat', 'stream']);
  });
});
