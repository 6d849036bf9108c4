import { z } from 'zod';
import { didYouMean } from '../base/nearest.ts';

/** A mistake in a value: its path, and what is expected there. */
export type Problem = { readonly path: string; readonly message: string };

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type CheckOptions = {
  /** Describes what was found. Without it only its kind is named: it may be a secret. */
  readonly show?: (value: unknown) => string;
};

/** Whether a schema is one of zod, of which we know why it refuses a value. */
export const isZod = <T>(schema: object): schema is z.ZodType<T> => schema instanceof z.ZodType;

/** Checks a value. Each problem is one sentence: what is expected, and what was found. */
export function checkValue<S extends z.core.$ZodType>(
  schema: S,
  value: unknown,
  { show }: CheckOptions = {},
): Checked<z.output<S>> {
  const result = z.safeParse(schema, value, { error: describeIssue });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap(flatten).map((issue): Problem => {
    const found = valueAt(value, issue.path);
    const text = found === undefined ? 'it is missing' : show ? `found ${show(found)}` : kindFound(issue, found);
    const [expected = '', suggestion = ''] = issue.message.split(SUGGESTION);
    const joint = !expected.startsWith('expected ') || text === '' ? '' : found === undefined ? ', but ' : ', ';
    const message = `${expected}${joint && joint + text}${suggestion && `.${suggestion}`}`;
    return { path: z.core.toDotPath(issue.path), message };
  });
  return { ok: false, problems };
}

/** Separates what is expected from the choice that the user may have meant: what was found is named between them. */
const SUGGESTION = '\n';

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);

/** That a text has another form is clear without it. */
function kindFound({ code }: z.core.$ZodIssue, found: unknown): string {
  if (typeof found === 'string' && found !== '' && code !== 'invalid_type') return '';
  return `found ${kindOf(found)}`;
}

/** Of a union, the problems of the alternative that comes closest; the union's own if that is not clear. */
function flatten(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const inside = issue.errors.filter(errors => errors.every(({ path }) => path.length > 0));
  const [only] = inside;
  if (inside.length !== 1 || only === undefined) return [issue];
  return only.map(inner => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** What is expected. Schemas that say this themselves keep their own text. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return choice(issue.values, issue.input);
    case 'too_small':
      return `expected ${amount(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `expected ${amount(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'unrecognized_keys':
      return issue.keys.map(key => `"${key}" is not known.${didYouMean(key, membersOf(issue.inst))}`).join(' ');
    case 'invalid_union':
      return unionText(issue);
    case 'invalid_format':
      return 'expected another form of text';
    case 'invalid_key':
      return 'expected another name';
    default:
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  record: 'an object',
  tuple: 'a list',
  null: 'null',
};

const amount = (origin: string, bound: string, limit: number): string => {
  if (origin === 'string') return limit === 1 ? 'a text that is not empty' : `a text of ${bound} ${limit} characters`;
  if (origin === 'array')
    return limit === 1 && bound === 'at least' ? 'a list that is not empty' : `${bound} ${limit} items`;
  return `a number of ${bound} ${limit}`;
};

/** A text that is far from all choices may be a secret, and is not repeated. */
function choice(values: readonly unknown[], input: unknown): string {
  const words = values.filter(value => typeof value === 'string');
  const hint = typeof input === 'string' ? didYouMean(input, words) : '';
  return `expected ${oneOf(values)}${hint && SUGGESTION + hint}`;
}

const oneOf = (values: readonly unknown[]): string => {
  const names = values.map(value => (typeof value === 'string' ? `"${value}"` : String(value)));
  return names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`;
};

/** The choices of a discriminated union; else what each alternative expects. */
function unionText(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { inst } = issue;
  if (inst instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = inst.def;
    const choices = inst.options.flatMap(option => choicesOf(option, discriminator));
    return choice(
      choices,
      typeof issue.input === 'object' ? Reflect.get(Object(issue.input), discriminator) : undefined,
    );
  }
  const wanted = issue.errors.flatMap(errors => errors.filter(({ path }) => path.length === 0));
  const texts = wanted.map(({ message }) => message.replace(/^expected /, ''));
  return `expected ${[...new Set(texts)].join(', or ') || 'another value'}`;
}

function choicesOf(option: unknown, name: string): readonly unknown[] {
  const member: unknown = option instanceof z.ZodObject ? option.shape[name] : undefined;
  return member instanceof z.ZodLiteral ? [...member.values] : [];
}

const membersOf = (inst: unknown): readonly string[] => (inst instanceof z.ZodObject ? Object.keys(inst.shape) : []);

/** The kind of a value, for a value that may be a secret. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : 'a function';
}
