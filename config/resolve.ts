import { z } from 'zod';
import { AUTO, configSchema, namedEntrySchema } from '../sdk/contract/config-schema.ts';
import type { ConfigMembers } from '../sdk/contract/config.ts';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { PluginEntry } from '../sdk/plugin/config.ts';
import { checkValue, type Problem } from '../sdk/contract/problems.ts';
import type { Vetting } from '../runtime/approve.ts';
import { isEndless } from './options.ts';

/** The members of a configuration, with defaults for those that are left out. */
type Members = {
  readonly [K in Exclude<keyof ConfigMembers, 'rpc' | 'fleet'>]-?: Exclude<ConfigMembers[K], undefined>;
} & Pick<ConfigMembers, 'fleet'>;

/** A valid configuration with its defaults filled in. */
export type ResolvedConfig = Members & {
  /** Null if there is no file. Then every tool found on this machine is kept alive. */
  readonly file: string | null;
  readonly vetting: Vetting;
  readonly plugins: readonly PluginEntry[];
  readonly port: number;
  /** Why the file is not valid. Set only if the kernel was started in tolerant one-shot mode. */
  readonly refused?: string;
};

const entryProblem =
  'expected a name, [name, options], [name, options, { isolated: true or false }], or a plugin object with kind and id';
const autoProblem = `expected '${AUTO}' alone, because it takes no options`;
const schema = configSchema(
  z.custom<PluginEntry>(isPluginEntry, { error: ({ input }) => (isAutoList(input) ? autoProblem : entryProblem) }),
);

export const WITHOUT_FILE: ResolvedConfig = {
  file: null,
  vetting: { by: 'owner' },
  plugins: [AUTO],
  policy: {},
  sessions: {},
  port: 0,
  concurrency: 3,
  notices: {},
  logLevel: 'info',
};

/** Checks what a configuration file exports. Throws `KA_CONFIG_INVALID` with every problem at once. */
export function checkConfig(file: string, value: unknown): ResolvedConfig {
  const unusual = unusualObjects(value);
  const checked = checkValue(schema, value, { show });
  if (checked.ok && unusual.length === 0) {
    const { plugins, rpc, ...members } = checked.value;
    const given = Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined));
    return { ...WITHOUT_FILE, ...given, file, plugins, port: rpc?.port ?? WITHOUT_FILE.port };
  }
  throw configInvalid(file, [...unusual, ...(checked.ok ? [] : checked.problems)]);
}

export const configInvalid = (file: string, problems: readonly Problem[], cause?: unknown): KeepaliveError =>
  new KeepaliveError('KA_CONFIG_INVALID', { file, problems }, cause);

function isPluginEntry(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'kind' in value && 'id' in value;
  return !isAutoList(value) && namedEntrySchema.safeParse(value).success && !isEndless(value);
}

const isAutoList = (value: unknown): boolean => Array.isArray(value) && value[0] === AUTO;

/** Maximum nesting, not counting plugin options. */
const DEPTH = 4;
const PROTOTYPES: readonly unknown[] = [Object.prototype, Array.prototype, null];

/** Objects whose inherited members the file does not show, and members named `__proto__`, which would be ignored. */
function unusualObjects(value: unknown, path: readonly PropertyKey[] = []): readonly Problem[] {
  if (typeof value !== 'object' || value === null || path.length > DEPTH || path[0] === 'plugins') return [];
  const found = PROTOTYPES.includes(Object.getPrototypeOf(value))
    ? Object.hasOwn(value, '__proto__') && '"__proto__"'
    : 'one with its own prototype';
  const inner = Object.entries(value).flatMap(([key, member]) => unusualObjects(member, [...path, key]));
  return found
    ? [{ path: z.core.toDotPath(path), message: `expected a plain object, found ${found}` }, ...inner]
    : inner;
}

/** A short description of a value. Objects are not shown, because plugin options may hold secrets. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object')
    return Array.isArray(value)
      ? value.length === 0
        ? 'an empty list'
        : 'a list'
      : value === null
        ? 'null'
        : 'an object';
  return typeof value === 'string' ? JSON.stringify(value).slice(0, 40) : String(value).slice(0, 40);
}
