import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    [' 2s ', 2000],
  ])('reads "%s"', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['30', '', 's', '-1s', '0s', '3 days', '1e3s'])('says what it expected instead of "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow('expected a duration above 0 with its unit');
  });
});

describe('formatDuration', () => {
  it('is for a person', () => {
    expect([45_000, 59_600, 200_000, 3_600_000].map(formatDuration)).toEqual(['45 s', '1 min 0 s', '3 min 20 s', '60 min 0 s']);
  });
});
