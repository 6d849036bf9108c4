import { nearest } from '../base/nearest.ts';
import { isRecord } from '../base/json.ts';
import { isPluginId } from '../base/plugin-id.ts';
import type { Problem } from './options.ts';

// Without zod: every plugin process loads this.

type Expected = { readonly what: string; readonly fits: (value: unknown) => boolean };
type Member = Expected & { readonly optional?: true };

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isListOf = (value: unknown, fits: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(fits);

const TEXT: Expected = { what: 'a text that is not empty', fits: isText };
const TEXTS: Expected = { what: 'a list of texts', fits: value => isListOf(value, isText) };
const STEPS: Expected = {
  what: 'a list of "open" and "code"',
  fits: value => isListOf(value, item => item === 'open' || item === 'code'),
};
const CALL: Expected = { what: 'a function', fits: value => typeof value === 'function' };
const OBJECT: Expected = { what: 'an object', fits: isRecord };
const ID: Expected = {
  what: 'at most 64 letters, digits, dots, dashes and underscores that begin with a letter or digit',
  fits: value => typeof value === 'string' && isPluginId(value),
};

const optional = (expected: Expected): Member => ({ ...expected, optional: true });

type Members = Readonly<Record<string, Member>>;

const KINDS: Readonly<Record<string, Members>> = {
  provider: {
    id: ID,
    displayName: TEXT,
    policy: optional(OBJECT),
    refresh: CALL,
    inspect: optional(CALL),
    watch: optional(CALL),
    signIn: optional(OBJECT),
  },
  frontend: { id: ID, start: CALL },
  notifier: {
    id: ID,
    place: optional(TEXT),
    unavailable: optional(CALL),
    raise: CALL,
    raiseMany: optional(CALL),
    clear: optional(CALL),
  },
};

const SIGN_IN: Members = { account: TEXT, hosts: TEXTS, steps: OBJECT, run: CALL };
const SIGN_IN_STEPS: Members = { here: STEPS, device: STEPS };

/** What a plugin must be and is not: the member, what is expected there, and what was found. */
export function pluginProblems(value: unknown): readonly Problem[] {
  if (!isRecord(value))
    return [{ path: '', message: `expected the factory to return a plugin object, found ${kindOf(value)}` }];
  const { kind } = value;
  const members = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!members) return [{ path: 'kind', message: kindProblem(kind) }];
  return [...membersProblems(value, members, ''), ...signInProblems(value['signIn'])];
}

/** Why what a module exports is not a plugin factory. Undefined if it is one. */
export function exportProblem(found: unknown): string | undefined {
  if (typeof found === 'function') return undefined;
  const expected = 'expected a function that makes the plugin from its options';
  if (!isRecord(found)) return `${expected}, ${found === undefined ? 'but it is missing' : `found ${kindOf(found)}`}`;
  if ('kind' in found) return `${expected}, found the plugin itself: write \`export default options => …\``;
  const names = Object.keys(found).filter(name => name !== 'default' && name !== '__esModule');
  const others = names.length > 0 ? `: the module exports ${names.slice(0, 5).join(', ')}` : '';
  return `${expected}, but it is missing${others}`;
}

function kindProblem(kind: unknown): string {
  const names = Object.keys(KINDS);
  const found = kind === undefined ? ', but it is missing' : `, found ${shown(kind)}`;
  const close = typeof kind === 'string' ? nearest(kind.slice(0, 40), names) : undefined;
  const advice = close
    ? `. Did you mean "${close}"?`
    : '. defineProvider, defineNotifier and defineFrontend of session-keepalive/sdk set it.';
  return `expected "provider", "frontend" or "notifier"${found}${advice}`;
}

function signInProblems(signIn: unknown): readonly Problem[] {
  if (!isRecord(signIn)) return [];
  const { steps } = signIn;
  return [
    ...membersProblems(signIn, SIGN_IN, 'signIn.'),
    ...(isRecord(steps) ? membersProblems(steps, SIGN_IN_STEPS, 'signIn.steps.') : []),
  ];
}

const membersProblems = (value: Readonly<Record<string, unknown>>, members: Members, at: string): readonly Problem[] =>
  Object.entries(members).flatMap(([name, { what, fits, optional: isOptional }]) => {
    const found = value[name];
    if (fits(found) || (isOptional && found === undefined)) return [];
    const close = found === undefined ? misspelt(name, value, members) : undefined;
    const but = found === undefined ? 'but it is missing' : `found ${shown(found)}`;
    return [{ path: `${at}${name}`, message: `expected ${what}, ${but}${close ? `. Is it \`${close}\`?` : ''}` }];
  });

/** A member that is not known, and whose name is close to one that is missing. */
function misspelt(name: string, value: Readonly<Record<string, unknown>>, members: Members): string | undefined {
  const unknown = Object.keys(value).filter(key => key !== 'kind' && !Object.hasOwn(members, key));
  return nearest(name, unknown);
}

/** A short text is shown, because a name that is wrong is recognized by it. */
const shown = (value: unknown): string =>
  typeof value === 'string' && value !== '' && value.length <= 40 ? JSON.stringify(value) : kindOf(value);

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value instanceof Promise) return 'a promise: await it';
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
