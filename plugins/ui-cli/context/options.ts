import { InvalidArgumentError } from 'commander';
import { isDuration, toMs } from '../../../sdk/contract/duration.ts';

/** What a new plugin may be made from. */
export const RECIPES = ['oauth', 'cookies', 'command', 'custom'] as const;
export type Recipe = (typeof RECIPES)[number];

/** The kinds of plugins. Only a provider has recipes. */
export const KINDS = ['provider', 'notifier', 'frontend'] as const;
export type Kind = (typeof KINDS)[number];

/** Every option of every command, as parsed. */
/** The options that every command takes. */
export const GLOBAL_OPTIONS: readonly { readonly flags: string; readonly about: string }[] = [
  {
    flags: '--json',
    about: 'print JSON and nothing else: one document, or one a line while --watch or --follow goes on',
  },
  { flags: '--home <dir>', about: 'keep all files of this instance in one folder (or KEEPALIVE_HOME)' },
  { flags: '--config <file>', about: 'the configuration file to use' },
  { flags: '--no-color', about: 'print without colours (or NO_COLOR)' },
  // These two are taken out of the command line before it is parsed.
  { flags: '--host <host>', about: 'run the command on another machine, by your own ssh: [USER@]HOST' },
  { flags: '--remote-command <command>', about: 'what starts keepalive there [keepalive]' },
];

/** The parsed options of all commands. */
export type Options = {
  readonly json?: true;
  readonly home?: string;
  readonly config?: string;
  /** False with --no-color. */
  readonly color: boolean;
  readonly watch?: true;
  readonly fleet?: true;
  readonly history?: true;
  readonly force?: true;
  readonly all?: true;
  readonly refresh?: true;
  readonly follow?: true;
  readonly print?: true;
  readonly close?: true;
  readonly ics?: true;
  readonly plan?: number;
  readonly dryRun?: true;
  readonly resume?: true;
  readonly device?: true;
  readonly yes?: true;
  readonly configToo?: true;
  readonly bundle?: true | string;
  readonly demo?: true | 'auto';
  readonly limit: number;
  /** In milliseconds. */
  readonly for: number;
  readonly format?: string;
  readonly recipe?: Recipe;
  readonly kind?: Kind;
  /** The options of a plugin, as JSON or `@FILE`. */
  readonly options?: string;
  readonly id?: string;
  readonly session?: readonly string[];
  /** In milliseconds. Absent if the user asks for no minimum. */
  readonly min?: number;
  /** In milliseconds. */
  readonly wait: number;
};

/** An argument or option that the command does not accept. The message says what it accepts. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number of at least 1.');
}

/** How many of the next times of a warm-up. */
export function parsePlan(text: string): number {
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= 100) return count;
  throw new InvalidArgumentError('Give a whole number from 1 to 100.');
}

export function parseSpan(text: string): number {
  if (isDuration(text)) return toMs(text);
  throw new InvalidArgumentError('Give a number and a unit, such as 90s, 30m, 12h or 7d.');
}

/** An option that may be repeated. Several values may also have commas between them. */
export function parseList(text: string, previous: unknown): readonly string[] {
  const values = text.split(',').filter(Boolean);
  // From a variable that is not set, for example. It must not count as none.
  if (values.length === 0) throw new InvalidArgumentError('Give at least one value.');
  return [...(Array.isArray(previous) ? previous : []), ...values];
}

export function parseDemo(text: string): 'auto' {
  if (text === 'auto') return text;
  throw new InvalidArgumentError(
    'Give --demo alone, or --demo=auto for a practice session only if nothing is signed in.',
  );
}

export function parseRecipe(text: string): Recipe {
  const recipe = RECIPES.find(name => name === text);
  if (recipe) return recipe;
  throw new InvalidArgumentError(`Give one of ${RECIPES.join(', ')}.`);
}

export function parseKind(text: string): Kind {
  const kind = KINDS.find(name => name === text);
  if (kind) return kind;
  throw new InvalidArgumentError(`Give one of ${KINDS.join(', ')}.`);
}
