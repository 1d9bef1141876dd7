import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.fixture.ts';
import { FILE_VARIABLE, resolveSettings, type SettingName, SettingsError } from './settings.ts';

const SECRET = 'sk-very-secret';

/** The message for settings that cannot be used; FILE stands for the YAML file. */
function messageFor(flags: Partial<Record<SettingName, unknown>>, env: Record<string, string> = {}, yaml = ''): string {
  const file = join(temporaryFolder(), 'perf.yaml');
  writeFileSync(file, yaml);
  try {
    resolveSettings(
      { [FILE_VARIABLE]: file, ...env },
      { origin: 'the command line', values: new Map(Object.entries(flags) as [SettingName, unknown][]) },
    );
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message.replaceAll(file, 'FILE');
  }
  throw new Error('the settings were taken');
}

describe('a setting that cannot be used', () => {
  it.each<[SettingName, unknown, string]>([
    ['requests', '0', '--requests: "0" (from the command line): expected a whole number from 1 to 10000000'],
    ['requests', 'many', '--requests: "many" (from the command line): expected a whole number from 1 to 10000000'],
    ['requests', '1.5', '--requests: "1.5" (from the command line): expected a whole number from 1 to 10000000'],
    ['requests', '', '--requests: "" (from the command line): expected a whole number from 1 to 10000000'],
    ['seed', '-1', '--seed: "-1" (from the command line): expected a whole number of at least 0'],
    ['timeout', '0', '--timeout: "0" (from the command line): expected a number from 0.01 to 86400'],
    ['proxyPort', '65536', '--proxy-port: "65536" (from the command line): expected a whole number from 0 to 65535'],
    ['label', '', '--label: "" (from the command line): expected a text that is not empty'],
    ['pull', 'often', '--pull: "often" (from the command line): expected one of missing, always, never'],
    ['strict', 'perhaps', '--strict: "perhaps" (from the command line): expected true or false'],
    ['duration', '30', '--duration: "30" (from the command line): expected a duration above 0 with its unit, such as 30s, 500ms or 10m'],
    [
      'target',
      ['pypi:1.2.3', 'x'],
      '--target: "x" (from the command line): expected [NAME=]pypi:VERSION, dir:PATH, git:REF, image:REF or url:URL',
    ],
    [
      'budgets',
      ['proxy.p96_ms<=1'],
      '--budget: "proxy.p96_ms<=1" (from the command line): there is no metric "proxy.p96_ms"; the nearest is "proxy.p95_ms"',
    ],
    [
      'slo',
      'tft.p95_ms<=1',
      '--slo: "tft.p95_ms<=1" (from the command line): there is no SLO metric "tft.p95_ms"; the nearest is "ttft.p95_ms"',
    ],
    ['mix', 'tea:1', '--mix: "tea:1" (from the command line): expected kinds with weights, such as chat:8,stream:2'],
    ['export', ['pdf=x'], '--export: "pdf=x" (from the command line): expected bmf=FILE or gab=FILE'],
    ['providerUrl', 'localhost:8099', '--provider-url: "localhost:8099" (from the command line): expected an http or https URL'],
    ['providerUrl', '/v1', '--provider-url: "/v1" (from the command line): expected an http or https URL'],
  ])('is named with its value, its origin and what was expected: %s %j', (name, value, message) => {
    expect(messageFor({ [name]: value })).toBe(message);
  });

  it('names the environment or the file where it comes from there', () => {
    expect(messageFor({}, { LITELLM_PERF_REQUESTS: 'x' })).toBe(
      '--requests: "x" (from the environment): expected a whole number from 1 to 10000000',
    );
    expect(messageFor({}, {}, 'requests: true')).toBe('--requests: true (from FILE): expected a whole number from 1 to 10000000');
    expect(messageFor({}, {}, 'label: [a]')).toBe('--label: ["a"] (from FILE): expected a text that is not empty');
  });

  it('is not shown where it is a key', () => {
    for (const key of ['api-key', 'provider-api-key']) {
      const message = messageFor({}, {}, `${key}: [${SECRET}]`);
      expect(message).toBe(`--${key}: the value given (from FILE): expected a text that is not empty`);
    }
  });

  it("shows no more than the name of an addition to the proxy's environment, whose value may be a key", () => {
    const message = messageFor({ env: ['GOOD=1', `BAD-NAME=${SECRET}`] });
    expect(message).toBe('--env: "BAD-NAME=..." (from the command line): expected KEY=VALUE');
  });
});

describe('settings that do not go together', () => {
  it.each<[Partial<Record<SettingName, unknown>>, string]>([
    [{ rate: '50' }, '--rate: 50 (from the command line): expected --duration beside it, such as --duration 30s'],
    [{ target: [] }, '--target: [] (from the command line): expected at least one target'],
    [{ target: Array.from({ length: 6 }, (_, index) => `t${index}=git:main`) }, 'expected at most five targets'],
    [
      { target: ['a=git:main', 'b=git:x'], proxyPort: 4000 },
      '--proxy-port: 4000 (from the command line): expected no fixed port where targets are compared',
    ],
    [{ target: ['git:a', 'git:a', 'git:b'] }, 'expected a different name each: NAME=TARGET'],
    [
      { startProxy: false, target: ['pypi:1.2.3'] },
      '--target: "pypi:1.2.3" (from the command line): with --no-start-proxy, expected url:URL',
    ],
  ])('are named: %j', (flags, message) => {
    expect(messageFor(flags)).toContain(message);
  });
});

describe('an unknown name', () => {
  it('of an environment variable comes with the nearest', () => {
    expect(messageFor({}, { LITELLM_PERF_REQUEST: '1' })).toBe(
      'unknown environment variable LITELLM_PERF_REQUEST; the nearest is LITELLM_PERF_REQUESTS. --help lists all settings',
    );
  });

  it('of a YAML key comes with the nearest', () => {
    expect(messageFor({}, {}, 'conncurrency: 1')).toBe(
      'unknown key "conncurrency" in FILE; the nearest is concurrency. --help lists all settings',
    );
  });

  it('does not show the value', () => {
    expect(messageFor({}, { LITELLM_PERF_APIKEY: SECRET })).not.toContain(SECRET);
    expect(messageFor({}, {}, `apikey: ${SECRET}`)).not.toContain(SECRET);
  });
});

describe('a settings file that cannot be used', () => {
  it.each([
    ['- a', '--settings FILE: expected a mapping of settings'],
    ['text', '--settings FILE: expected a mapping of settings'],
    ['a: [b', '--settings FILE: '],
  ])('is named: %s', (yaml, message) => {
    expect(messageFor({}, {}, yaml)).toContain(message);
  });

  it('shows one line, and nothing of its content', () => {
    const message = messageFor({}, {}, `api-key: ${SECRET}\nlabel: [a`);
    expect(message).not.toContain('\n');
    expect(message).not.toContain(SECRET);
  });

  it('is named where it does not exist', () => {
    expect(messageFor({}, { [FILE_VARIABLE]: 'no-such.yaml' })).toMatch(/^--settings no-such\.yaml: .*ENOENT/);
  });
});
