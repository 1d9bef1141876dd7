import { defaultOf, flagOf, metaOf, SETTING_NAMES, type SettingName } from './settings.ts';

const INTRODUCTION = `litellm-perf: what the LiteLLM proxy costs, and whether a change made it better or worse.

  npm run bench -- [FLAGS] [FILE ...] [-- VITEST FLAGS]

FILE chooses bench files by a part of their name (direct, proxy, ttft, stream, overhead); all of them when none is given.
Each flag is also an environment variable, LITELLM_PERF_ and its name in capitals, and a key of perf.yaml.
`;

/** The text of `--help`, made from the settings themselves. */
export function helpText(): string {
  const groups = Map.groupBy(SETTING_NAMES, (name) => metaOf(name).group);
  const sections = [...groups].map(([group, names]) => `${group}\n${names.map(line).join('\n')}`);
  const other = [entry('--settings FILE', 'Read settings from this YAML file instead of perf.yaml'), entry('--help', 'Print this')];
  return `${INTRODUCTION}\n${sections.join('\n\n')}\n\nOther\n${other.join('\n')}\n`;
}

function line(name: SettingName): string {
  const { help, placeholder, kind } = metaOf(name);
  const flag =
    kind === 'switch' ? (defaultOf(name) === true ? `--no-${flagOf(name)}` : `--${flagOf(name)}`) : `--${flagOf(name)} ${placeholder}`;
  const text = defaultText(name);
  return entry(flag, `${help}${text === '' ? '' : ` [${text}]`}`);
}

export function defaultText(name: SettingName): string {
  const value = defaultOf(name);
  if (name === 'target') return 'pypi, newest that is known to work';
  if (value === undefined || typeof value === 'boolean' || (Array.isArray(value) && value.length === 0)) return '';
  return String(value);
}

const WIDTH = 42;

function entry(flag: string, help: string): string {
  return flag.length < WIDTH - 3 ? `  ${flag.padEnd(WIDTH - 2)}${help}` : `  ${flag}\n${' '.repeat(WIDTH)}${help}`;
}
