import type { KeepaliveConfig, LogLevel, PluginEntry } from '../../sdk/contract/config.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import type { PartialPolicy } from '../../sdk/contract/policy.ts';
import { z } from 'zod';
import { partialPolicySchema } from '../../sdk/contract/schemas.ts';
import { isEndless } from './options.ts';
import type { Vetting } from '../../runtime/approve.ts';

/** A configuration that was found to be good, with its defaults filled in. */
export type ResolvedConfig = {
  /** Null where there is no file: then every built-in provider found on this machine is kept alive. */
  readonly file: string | null;
  readonly vetting: Vetting;
  readonly plugins: readonly PluginEntry[] | 'discover';
  readonly policy: PartialPolicy;
  readonly sessions: Readonly<Record<string, PartialPolicy>>;
  readonly port: number;
  readonly concurrency: number;
  readonly logLevel: LogLevel;
  /** Why it is refused: set where a kernel that only looks was told to look all the same. */
  readonly refused?: string;
};

const options = z.custom<object>(value => typeof value === 'object' && value !== null && !Array.isArray(value));
const placement = z.strictObject({ isolated: z.boolean().optional() });
const entryProblem =
  'expected a name, [name, options], [name, options, { isolated: true or false }], or a plugin object with kind and id';
const entry = z.custom<PluginEntry>(isPluginEntry, { error: entryProblem });

const configSchema: z.ZodType<KeepaliveConfig> = z.strictObject({
  plugins: z.array(entry),
  policy: partialPolicySchema.optional(),
  sessions: z.record(z.string(), partialPolicySchema).optional(),
  rpc: z.strictObject({ port: z.int().min(0).max(65_535).optional() }).optional(),
  concurrency: z.int().min(1).max(1_000).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).optional(),
});

export const WITHOUT_FILE: ResolvedConfig = {
  file: null,
  vetting: { by: 'owner' },
  plugins: 'discover',
  policy: {},
  sessions: {},
  port: 0,
  concurrency: 3,
  logLevel: 'info',
};

/** Checks what a configuration file exports. Throws `KA_CONFIG_INVALID` with every problem at once. */
export function checkConfig(file: string, value: unknown): ResolvedConfig {
  const strange = strangeAt(value);
  const result = configSchema.safeParse(value);
  if (!result.success || strange.length > 0) {
    const issues = result.error?.issues ?? [];
    throw configInvalid(file, [
      ...strange,
      ...issues.map(issue => ({
        path: z.core.toDotPath(issue.path),
        message: `${issue.message}${issue.code === 'unrecognized_keys' ? '' : `, found ${show(valueAt(value, issue.path))}`}`,
      })),
    ]);
  }
  const {
    plugins,
    policy = {},
    sessions = {},
    rpc = {},
    concurrency = WITHOUT_FILE.concurrency,
    logLevel = WITHOUT_FILE.logLevel,
  } = result.data;
  return {
    file,
    vetting: WITHOUT_FILE.vetting,
    plugins,
    policy,
    sessions,
    port: rpc.port ?? WITHOUT_FILE.port,
    concurrency,
    logLevel,
  };
}

export const configInvalid = (file: string, problems: readonly Problem[], cause?: unknown): KeepaliveError =>
  new KeepaliveError('KA_CONFIG_INVALID', { file, problems }, cause);

function isPluginEntry(value: unknown): boolean {
  if (typeof value === 'string') return value.length > 0;
  if (Array.isArray(value)) {
    const [name, given, place, ...more] = value;
    return (
      typeof name === 'string' &&
      name.length > 0 &&
      options.safeParse(given).success &&
      !isEndless(given) &&
      placement.optional().safeParse(place).success &&
      more.length === 0
    );
  }
  return typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;
}

/** As deep as it goes, but for what plugins are given. */
const DEPTH = 4;
const PROTOTYPES: readonly unknown[] = [Object.prototype, Array.prototype, null];

/** What an object has inherited is not what its file shows; and `__proto__`, which no session is called, would be passed over. */
function strangeAt(value: unknown, path: readonly PropertyKey[] = []): readonly Problem[] {
  if (typeof value !== 'object' || value === null || path.length > DEPTH || path[0] === 'plugins') return [];
  const found = PROTOTYPES.includes(Object.getPrototypeOf(value))
    ? Object.hasOwn(value, '__proto__') && '"__proto__"'
    : 'one with a prototype of its own';
  const inner = Object.entries(value).flatMap(([key, member]) => strangeAt(member, [...path, key]));
  return found
    ? [{ path: z.core.toDotPath(path), message: `expected a plain object, found ${found}` }, ...inner]
    : inner;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);

/** Only what helps to find the place: options of a plugin may hold secrets. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : value === null ? 'null' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value).slice(0, 40) : String(value).slice(0, 40);
}
