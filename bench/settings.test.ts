import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.fixture.ts';
import {
  defaultOf,
  FILE_VARIABLE,
  flagOf,
  resolveSettings,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  variableOf,
} from './settings.ts';

interface Given {
  readonly flags?: Partial<Record<SettingName, unknown>>;
  readonly env?: Record<string, string>;
  readonly yaml?: string;
}

function resolve({ flags = {}, env = {}, yaml = '' }: Given = {}): Settings {
  const file = join(temporaryFolder(), 'perf.yaml');
  writeFileSync(file, yaml);
  const values = new Map(Object.entries(flags) as [SettingName, unknown][]);
  return resolveSettings({ ...env, [FILE_VARIABLE]: file }, { origin: 'the command line', values });
}

function targets(given: Given): string[] {
  return resolve(given).target.map(({ spec }) => spec);
}

describe('settings', () => {
  it('come from flags before the environment, that before the file, and that before the default', () => {
    const given = { yaml: 'requests: 3', env: { LITELLM_PERF_REQUESTS: '2' }, flags: { requests: '1' } };
    expect(resolve(given).requests).toBe(1);
    expect(resolve({ yaml: given.yaml, env: given.env }).requests).toBe(2);
    expect(resolve({ yaml: given.yaml }).requests).toBe(3);
    expect(resolve().requests).toBe(500);
  });

  // Table in the original tool's own --help; ports are free ones and the key is a random one unless they are given.
  it.each<[string, unknown]>([
    ['label', 'current'],
    ['litellm-dir', undefined],
    ['proxy-command', 'uv run litellm'],
    ['proxy-host', '127.0.0.1'],
    ['proxy-port', 0],
    ['provider-host', '127.0.0.1'],
    ['provider-port', 0],
    ['api-key', undefined],
    ['requests', 500],
    ['concurrency', 100],
    ['stream-requests', 200],
    ['stream-concurrency', 20],
    ['warmup', 100],
    ['stream-warmup', 20],
    ['timeout', 30],
    ['proxy-start-timeout', 90],
    ['provider-first-token-delay-ms', 0],
    ['provider-stream-content-chunks', 20],
    ['measure-full-stream', true],
    ['repeats', 1],
    ['start-proxy', true],
    ['provider-url', undefined],
    ['output-json', undefined],
  ])("have the original tool's --%s, by default %s", (flag, value) => {
    const name = SETTING_NAMES.find((candidate) => flagOf(candidate) === flag);
    expect(name).toBeDefined();
    expect(resolve()[name as SettingName]).toEqual(value);
  });

  it('are a flag, an environment variable and a YAML key by one name', () => {
    expect([flagOf('providerFirstTokenDelayMs'), variableOf('providerFirstTokenDelayMs')]).toEqual([
      'provider-first-token-delay-ms',
      'LITELLM_PERF_PROVIDER_FIRST_TOKEN_DELAY_MS',
    ]);
    expect([flagOf('budgets'), variableOf('budgets')]).toEqual(['budget', 'LITELLM_PERF_BUDGET']);
    expect(resolve({ yaml: 'provider-first-token-delay-ms: 7' }).providerFirstTokenDelayMs).toBe(7);
  });

  it('all have a name of their own', () => {
    expect(new Set(SETTING_NAMES.map(flagOf)).size).toBe(SETTING_NAMES.length);
  });

  it('stand in perf.yaml, every one, and it changes nothing but says the default', () => {
    const file = 'perf.yaml';
    const text = readFileSync(file, 'utf8');
    for (const name of SETTING_NAMES) expect(text).toMatch(new RegExp(`^(# )?${name === 'budgets' ? name : flagOf(name)}:`, 'm'));
    const settings = resolveSettings({ [FILE_VARIABLE]: file });
    for (const name of SETTING_NAMES) expect(settings[name]).toEqual(defaultOf(name));
  });

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['off', false],
    ['0', false],
  ])('read "%s" as a switch', (text, value) => {
    expect(resolve({ env: { LITELLM_PERF_MEASURE_FULL_STREAM: text } }).measureFullStream).toBe(value);
  });

  it('read lists from repeated flags, JSON, lines, and YAML', () => {
    const expected = ['A=1', 'B=2,3'];
    for (const given of [
      { flags: { env: expected } },
      { env: { LITELLM_PERF_ENV: '["A=1", "B=2,3"]' } },
      { env: { LITELLM_PERF_ENV: 'A=1\nB=2,3\n' } },
      { yaml: 'env: [A=1, "B=2,3"]' },
    ]) {
      expect(resolve(given).env).toEqual(expected);
    }
    expect(resolve({ yaml: 'env: A=1' }).env).toEqual(['A=1']);
  });

  it('leave out what is empty in the file', () => {
    expect(resolve({ yaml: 'requests:\nlabel:' })).toMatchObject({ requests: 500, label: 'current' });
  });

  it('take a number for a text', () => {
    expect(resolve({ yaml: 'label: 5' }).label).toBe('5');
  });

  it('do not read the environment of others', () => {
    expect(resolve({ env: { REQUESTS: '1', LITELLM_LOG: 'DEBUG' } }).requests).toBe(500);
  });
});

describe('the target', () => {
  it('is the one of PyPI by default', () => {
    expect(targets({})).toEqual([expect.stringMatching(/^pypi:\d/)]);
  });

  it('is the checkout in --litellm-dir, in the place of the one in the file', () => {
    expect(targets({ flags: { litellmDir: '/src/litellm' }, yaml: 'target: pypi:1.2.3' })).toEqual(['dir:/src/litellm']);
    expect(targets({ env: { LITELLM_PERF_LITELLM_DIR: '/src/litellm' } })).toEqual(['dir:/src/litellm']);
  });

  it('is the one that is named, where both are', () => {
    expect(targets({ flags: { litellmDir: '/src/litellm', target: ['git:main'] } })).toEqual(['git:main']);
    expect(targets({ yaml: 'litellm-dir: /src/litellm\ntarget: git:main' })).toEqual(['git:main']);
  });

  it("is the proxy that runs with --no-start-proxy, at LiteLLM's port unless another is given", () => {
    expect(targets({ flags: { startProxy: false } })).toEqual(['url:http://127.0.0.1:4000']);
    expect(targets({ flags: { startProxy: false, proxyHost: 'proxy.example', proxyPort: '8000' }, yaml: 'target: pypi:1.2.3' })).toEqual([
      'url:http://proxy.example:8000',
    ]);
  });

  it('stays the URL that is named with --no-start-proxy', () => {
    expect(targets({ flags: { startProxy: false, target: ['url:http://127.0.0.1:4001'] } })).toEqual(['url:http://127.0.0.1:4001']);
  });
});
