import { existsSync, readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import { parse } from 'yaml';
import type { z } from 'zod';
import { parseTarget } from '../fixtures/proxy/target.ts';
import { type SettingName, type Settings, settingsSchema } from './settings-schema.ts';
import type { SettingMeta } from './settings-types.ts';
import { mixFor } from './stats/slo.ts';

export type { Settings, SettingName } from './settings-schema.ts';

/** A setting that cannot be used: the run is not started (exit code 2). */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Values of settings as they were written, and where. */
export interface Source {
  readonly origin: string;
  readonly values: ReadonlyMap<SettingName, unknown>;
}

const ENV_PREFIX = 'LITELLM_PERF_';
/** Names the YAML file itself, so it is no key in it. */
export const FILE_VARIABLE = `${ENV_PREFIX}SETTINGS`;
const DEFAULT_FILE = 'perf.yaml';
/** Where LiteLLM listens unless it is told otherwise. */
const LITELLM_PORT = 4000;

const SOAK_EVENT_GAP_MS = 20;

export const SETTING_NAMES = Object.keys(settingsSchema.shape) as SettingName[];

export function flagOf(name: SettingName): string {
  return name === 'budgets' ? 'budget' : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function variableOf(name: SettingName): string {
  return ENV_PREFIX + flagOf(name).replaceAll('-', '_').toUpperCase();
}

export function metaOf(name: SettingName): SettingMeta {
  return unwrap(settingsSchema.shape[name]).meta() as unknown as SettingMeta;
}

/** The default, or undefined where there is none. */
export function defaultOf(name: SettingName): unknown {
  const result = settingsSchema.shape[name].safeParse(undefined);
  return result.success ? result.data : undefined;
}

/**
 * The settings of a run: flags over environment over file over default.
 * @param flags values of the command line; none when the run was not started by our own CLI
 * @throws SettingsError on the first value, name or file that cannot be used
 */
export function resolveSettings(environment: NodeJS.ProcessEnv, flags?: Source): Settings {
  const sources = [flags, environmentSource(environment), fileSource(environment[FILE_VARIABLE])].filter((source) => source !== undefined);
  const raw: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const source = sources.find(({ values }) => values.has(name));
    if (source === undefined) continue;
    raw[name] = source.values.get(name);
    origins.set(name, source.origin);
  }
  const result = settingsSchema.safeParse(raw);
  if (!result.success) throw settingError(result.error.issues[0], raw, origins);
  return checkTogether(withSoak(withTarget(result.data, origins), origins), origins);
}

/** What the environment says; a name with our prefix that is no setting is an error. */
function environmentSource(environment: NodeJS.ProcessEnv): Source {
  const values = new Map<SettingName, unknown>();
  const byVariable = new Map(SETTING_NAMES.map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(ENV_PREFIX) || variable === FILE_VARIABLE || value === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) throw unknownName(`environment variable ${variable}`, variable, [...byVariable.keys()]);
    values.set(name, value);
  }
  return { origin: 'the environment', values };
}

function fileSource(path: string | undefined): Source | undefined {
  if (path === undefined && !existsSync(DEFAULT_FILE)) return undefined;
  const file = path ?? DEFAULT_FILE;
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new SettingsError(`--settings ${file}: ${(error as Error).message.split('\n', 1)[0]}`, { cause: error });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new SettingsError(`--settings ${file}: expected a mapping of settings`);
  const byKey = new Map(SETTING_NAMES.map((name) => [name === 'budgets' ? 'budgets' : flagOf(name), name]));
  const values = new Map<SettingName, unknown>();
  for (const [key, value] of Object.entries(content)) {
    const name = byKey.get(key);
    if (name === undefined) throw unknownName(`key "${key}" in ${file}`, key, [...byKey.keys()]);
    if (value !== null) values.set(name, metaOf(name).kind === 'list' && !Array.isArray(value) ? [value] : value);
  }
  return { origin: file, values };
}

export function unknownName(what: string, name: string, known: readonly string[]): SettingsError {
  return new SettingsError(`unknown ${what}; the nearest is ${closest(name, known)}. --help lists all settings`);
}

function settingError(issue: z.core.$ZodIssue | undefined, raw: Record<string, unknown>, origins: ReadonlyMap<string, string>): SettingsError {
  const name = String(issue?.path[0]) as SettingName;
  const index = issue?.path[1];
  const given = typeof index === 'number' && Array.isArray(raw[name]) ? raw[name][index] : raw[name];
  const expected = issue?.code === 'custom' ? issue.message : `expected ${metaOf(name).expected}`;
  return valueError(name, given, expected, origins);
}

function valueError(name: SettingName, given: unknown, expected: string, origins: ReadonlyMap<string, string>): SettingsError {
  return new SettingsError(`--${flagOf(name)}: ${shown(name, given)} (from ${origins.get(name) ?? 'the default'}): ${expected}`);
}

/** Keys are not shown, nor what stands behind a name in `--env`. */
function shown(name: SettingName, given: unknown): string {
  if (name === 'apiKey' || name === 'providerApiKey') return 'the value given';
  const text = JSON.stringify(given);
  return name === 'env' ? text.replace(/=[^"]*/g, '=...') : text;
}

/** The original's `--litellm-dir` and `--no-start-proxy` each stand for a target, unless one is named. */
function withTarget(settings: Settings, origins: ReadonlyMap<string, string>): Settings {
  const named = origins.has('target') && !isFile(origins.get('target'));
  if (!settings.startProxy) {
    if (settings.target.every(({ kind }) => kind === 'url')) return settings;
    if (named) throw valueError('target', settings.target.map(({ spec }) => spec).join(', '), 'with --no-start-proxy, expected url:URL', origins);
    const port = settings.proxyPort === 0 ? LITELLM_PORT : settings.proxyPort;
    return { ...settings, target: [parseTarget(`url:http://${settings.proxyHost}:${port}`)] };
  }
  // perf.yaml pins the default target; a checkout named on the command line or in the environment goes before it.
  const checkout = settings.litellmDir !== undefined && !named && (!origins.has('target') || !isFile(origins.get('litellmDir')));
  return checkout ? { ...settings, target: [parseTarget(`dir:${settings.litellmDir}`)] } : settings;
}

/** A client can only hang up in the middle of a stream that takes some time. */
function withSoak(settings: Settings, origins: ReadonlyMap<string, string>): Settings {
  return settings.soak === undefined || origins.has('providerEventGapMs') ? settings : { ...settings, providerEventGapMs: SOAK_EVENT_GAP_MS };
}

function isFile(origin: string | undefined): boolean {
  return origin !== undefined && origin !== 'the environment' && origin !== 'the command line';
}

/** Rules about more than one setting. */
function checkTogether(settings: Settings, origins: ReadonlyMap<string, string>): Settings {
  if (settings.target.length === 0) throw valueError('target', [], 'expected at least one target', origins);
  if (settings.target.length > 5) throw valueError('target', settings.target.map(({ spec }) => spec), 'expected at most five targets', origins);
  if (settings.target.length > 1 && settings.proxyPort !== 0) throw valueError('proxyPort', settings.proxyPort, 'expected no fixed port where targets are compared', origins);
  const names = settings.target.map(({ name }) => name);
  if (new Set(names).size < names.length && settings.target.length !== 2) throw valueError('target', names, 'expected a different name each: NAME=TARGET', origins);
  checkOpenLoop(settings, origins);
  const container = settings.target.some(({ kind }) => kind === 'image');
  for (const name of ['cpus', 'memory'] as const) {
    if (settings[name] !== undefined && !container) throw valueError(name, settings[name], 'limits a container only: expected --target image:REF (--cpuset works for processes too)', origins);
  }
  const relative = settings.budgets.find((budget) => budget.relative);
  if (relative !== undefined && settings.baseline === undefined && settings.target.length < 2) throw valueError('budgets', relative.text, 'expected --baseline FILE or a second --target to hold the change against', origins);
  if (settings.providerUrl !== undefined && !isHttpUrl(settings.providerUrl)) throw valueError('providerUrl', settings.providerUrl, 'expected an http or https URL', origins);
  return settings;
}

function checkOpenLoop({ rate, duration, slo, soak, mix }: Settings, origins: ReadonlyMap<string, string>): void {
  if (slo !== undefined && soak !== undefined) throw valueError('soak', `${soak} ms`, 'expected either --soak or --slo', origins);
  if (rate !== undefined && duration === undefined && slo === undefined && soak === undefined) throw valueError('rate', rate, 'expected --duration beside it, such as --duration 30s', origins);
  if (duration !== undefined && rate === undefined && slo === undefined) throw valueError('duration', `${duration} ms`, 'expected --rate beside it, such as --rate 50', origins);
  if (mix !== undefined && rate === undefined && slo === undefined && soak === undefined) throw valueError('mix', mix, 'expected --rate, --slo or --soak beside it', origins);
  if (slo === undefined) return;
  try {
    mixFor(slo, mix);
  } catch (error) {
    throw valueError('slo', slo.map(({ text }) => text).join(','), (error as Error).message, origins);
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The type under `.default()` and `.optional()`, which carries the metadata. */
function unwrap(type: z.ZodType): z.ZodType {
  const inner = (type.def as { innerType?: z.ZodType }).innerType;
  const wrapped = type.def.type === 'default' || type.def.type === 'optional';
  return wrapped && inner !== undefined ? unwrap(inner) : type;
}
