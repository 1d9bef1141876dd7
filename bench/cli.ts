import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { helpText } from './help.ts';
import {
  FILE_VARIABLE,
  flagOf,
  metaOf,
  resolveSettings,
  SETTING_NAMES,
  SettingsError,
  type SettingName,
  type Source,
  unknownName,
  variableOf,
} from './settings.ts';

/** Vitest's own flags that are handed on; any other goes behind `--`. */
const VITEST_FLAGS = ['reporter', 'outputFile', 'testNamePattern', 'project', 'bail', 'silent', 'color'] as const;

interface CommandLine {
  readonly flags: Source;
  readonly file: string | undefined;
  readonly help: boolean;
  /** File filters, Vitest's flags, and all that stood behind `--`. */
  readonly vitest: readonly string[];
}

await main(process.argv.slice(2));

/** Flags become environment variables, the rest goes to Vitest, which runs in this process so that signals reach it. */
async function main(args: readonly string[]): Promise<void> {
  try {
    const line = readCommandLine(args);
    if (line.help) return void process.stdout.write(helpText());
    if (line.file !== undefined) process.env[FILE_VARIABLE] = line.file;
    resolveSettings(process.env, line.flags);
    for (const [name, value] of line.flags.values)
      process.env[variableOf(name)] = Array.isArray(value) ? JSON.stringify(value) : String(value);
    process.argv = [process.argv[0] ?? 'node', 'vitest', 'bench', '--run', ...line.vitest, ...filesReporter(line.vitest)];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(`litellm-perf: ${error.message}`);
    process.exit(2);
  }
  const vitest = dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
  await import(pathToFileURL(join(vitest, 'vitest.mjs')).href);
}

/** `--reporter` replaces the reporters of the config; this one only writes the files that the settings ask for. */
function filesReporter(vitest: readonly string[]): string[] {
  return vitest.some((argument) => argument.startsWith('--reporter')) ? ['--reporter=./bench/report/files-only.ts'] : [];
}

function readCommandLine(args: readonly string[]): CommandLine {
  const { ours, theirs } = splitAtDashes(args);
  const byFlag = new Map(SETTING_NAMES.map((name) => [flagOf(name), name]));
  const { tokens } = parseArgs({
    args: ours,
    options: options(),
    strict: false,
    allowNegative: true,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<SettingName, unknown>();
  const vitest: string[] = [];
  let file: string | undefined;
  let help = false;
  for (const token of tokens) {
    if (token.kind === 'positional') vitest.push(token.value);
    if (token.kind !== 'option') continue;
    const name = byFlag.get(token.name);
    if (token.name === 'help') help = true;
    else if (token.name === 'settings') file = required(token);
    else if (name !== undefined) addValue(values, name, token);
    else if ((VITEST_FLAGS as readonly string[]).includes(token.name))
      vitest.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`);
    else
      throw unknownName(
        `flag ${token.rawName}`,
        token.rawName,
        [...byFlag.keys(), ...VITEST_FLAGS].map((flag) => `--${flag}`),
      );
  }
  return { flags: { origin: 'the command line', values }, file, help, vitest: [...vitest, ...theirs] };
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
}

function addValue(values: Map<SettingName, unknown>, name: SettingName, token: OptionToken): void {
  const { kind } = metaOf(name);
  const negative = token.rawName.startsWith('--no-');
  if (negative && kind !== 'switch')
    throw new SettingsError(`${token.rawName}: --${flagOf(name)} is no switch; it expects ${metaOf(name).placeholder}`);
  if (kind === 'switch') values.set(name, token.value ?? !negative);
  else if (kind === 'list') values.set(name, [...((values.get(name) as string[] | undefined) ?? []), required(token)]);
  else values.set(name, required(token));
}

function required({ rawName, value }: OptionToken): string {
  if (value === undefined || value === '') throw new SettingsError(`${rawName}: expected a value behind it`);
  return value;
}

function splitAtDashes(args: readonly string[]): { ours: string[]; theirs: string[] } {
  const dashes = args.indexOf('--');
  return dashes < 0 ? { ours: [...args], theirs: [] } : { ours: args.slice(0, dashes), theirs: args.slice(dashes + 1) };
}

function options(): NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']> {
  const ours = SETTING_NAMES.map((name) => [flagOf(name), { type: metaOf(name).kind === 'switch' ? 'boolean' : 'string' }] as const);
  const vitest = VITEST_FLAGS.map(
    (name) =>
      [
        name,
        { type: name === 'silent' || name === 'color' ? 'boolean' : 'string', ...(name === 'testNamePattern' && { short: 't' }) },
      ] as const,
  );
  return { ...Object.fromEntries([...ours, ...vitest]), help: { type: 'boolean', short: 'h' }, settings: { type: 'string' } };
}
