import { z } from 'zod';

/** How a setting reads on the command line and in `--help`. */
export interface SettingMeta {
  readonly group: string;
  readonly help: string;
  /** What stands for the value in `--help`; none for a switch. */
  readonly placeholder?: string;
  readonly expected: string;
  readonly kind: 'text' | 'number' | 'switch' | 'list';
}

type Described = Pick<SettingMeta, 'group' | 'help'> & { readonly placeholder?: string };

function describe<T extends z.ZodType>(type: T, meta: SettingMeta): T {
  return type.meta({ ...meta }) as T;
}

/** A number from text or YAML, within bounds. */
export function number(about: Described, bounds: { min: number; max?: number; whole?: boolean }): z.ZodType<number> {
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = bounds;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const inner = (whole ? z.int() : z.number()).min(min).max(max);
  const read = (value: unknown): unknown => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value);
  return describe(z.preprocess(read, inner), {
    placeholder: whole ? 'N' : 'X',
    ...about,
    kind: 'number',
    expected: `a ${whole ? 'whole ' : ''}number ${range}`,
  }) as z.ZodType<number>;
}

export function text(about: Described): z.ZodType<string> {
  const read = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);
  return describe(z.preprocess(read, z.string().min(1)), {
    placeholder: 'TEXT',
    ...about,
    kind: 'text',
    expected: 'a text that is not empty',
  }) as z.ZodType<string>;
}

export function choice<const V extends readonly string[]>(about: Described, values: V): z.ZodType<V[number]> {
  return describe(z.enum(values), { placeholder: values.join('|'), ...about, kind: 'text', expected: `one of ${values.join(', ')}` });
}

const SWITCH_VALUES = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

export function onOff(about: Described): z.ZodType<boolean> {
  const read = (value: unknown): unknown => (typeof value === 'string' ? (SWITCH_VALUES.get(value.toLowerCase()) ?? value) : value);
  return describe(z.preprocess(read, z.boolean()), { ...about, kind: 'switch', expected: 'true or false' }) as z.ZodType<boolean>;
}

/** A value with a syntax of its own; `parse` throws an error that says what was expected. */
export function parsed<T>(about: Described, parse: (value: string) => T): z.ZodType<T> {
  const type = z.preprocess(
    String,
    z.string().transform((value, context) => attempt(value, parse, context)),
  );
  return describe(type, { placeholder: 'VALUE', ...about, kind: 'text', expected: '' }) as unknown as z.ZodType<T>;
}

/** A setting that may be given many times; in the environment a JSON list or one value a line. */
export function list<T>(about: Described, parse: (value: string) => T): z.ZodType<T[]> {
  const item = z.preprocess(
    String,
    z.string().transform((value, context) => attempt(value, parse, context)),
  );
  return describe(z.preprocess(readList, z.array(item)), {
    placeholder: 'VALUE',
    ...about,
    kind: 'list',
    expected: 'a list',
  }) as unknown as z.ZodType<T[]>;
}

function attempt<T>(value: string, parse: (value: string) => T, context: z.RefinementCtx): T | typeof z.NEVER {
  try {
    return parse(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message, params: { value } });
    return z.NEVER;
  }
}

function readList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (!value.trimStart().startsWith('[')) return value.split('\n').filter((line) => line.trim() !== '');
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
