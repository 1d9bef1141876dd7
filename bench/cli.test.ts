import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../fixtures/process/command.ts';
import { helpText } from './help.ts';
import { flagOf, SETTING_NAMES } from './settings.ts';

const cli = (...args: string[]): ReturnType<typeof runCommand> => runCommand(process.execPath, ['bench/cli.ts', ...args]);

describe('the command line', () => {
  it.each([
    [['--reqests', '5'], 'unknown flag --reqests; the nearest is --requests'],
    [['--requests', 'many'], '--requests: "many" (from the command line): expected a whole number'],
    [['--no-label'], '--no-label: --label is no switch'],
    [['--requests'], '--requests: expected a value behind it'],
    [['--cpus', '1'], '--cpus: 1 (from the command line): limits a container only'],
  ])('%j ends with 2 and one clear line', async (args, line) => {
    const result = await cli(...args);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toContain(line);
  });

  it('--help prints every flag and starts nothing', async () => {
    const result = await cli('--help');
    expect(result).toMatchObject({ code: 0, stdout: helpText() });
    for (const name of SETTING_NAMES) expect(result.stdout).toContain(`-${flagOf(name)}`);
  });
});

describe('the files that list settings', () => {
  it('perf.yaml has every key', () => {
    const text = readFileSync('perf.yaml', 'utf8');
    const missing = SETTING_NAMES.filter((name) => !new RegExp(`^#? ?${name === 'budgets' ? 'budgets' : flagOf(name)}:`, 'm').test(text));
    expect(missing).toEqual([]);
    expect(parse(text)).toHaveProperty('target');
  });

  it('the README has the text of --help', () => {
    expect(readFileSync('README.md', 'utf8')).toContain(helpText().trim());
  });
});
