/** Members whose text is never a secret, in the options of any plugin: names, paths and choices. */
const PLAIN = new Set([
  'id',
  'displayName',
  'method',
  'touch',
  'home',
  'file',
  'store',
  'jar',
  'browser',
  'profile',
  'program',
  'body',
  'paths',
  'json',
  'expiresAt',
  'sessionCookies',
  'timeout',
  'auggie',
]);
/** Everything under these names is secret. */
const SECRET = /token|secret|passw|passphrase|api[-_]?key|auth|cookie|credential|header/i;

/** True for cyclic or absurdly large values, such as YAML whose few lines refer to one another a billion times. */
export function isEndless(value: unknown, room = { left: 100_000 }, depth = 0): boolean {
  if ((room.left -= 1) < 0 || depth > 500) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some(member => isEndless(member, room, depth + 1))
  );
}

/** A plugin's options for a support bundle: their form, and the values that cannot be secret. */
export function outlineOf(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return PLAIN.has(name) ? value : (originOf(value) ?? '[text]');
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol') return `[${typeof value}]`;
  // Only the program of a command is shown: its arguments may contain secrets.
  if (Array.isArray(value))
    return value.map((member, index) => outlineOf(member, COMMANDS.has(name) && index === 0 ? 'program' : name));
  if (typeof value !== 'object' || value === null) return value;
  // The members of `paths` are named like secrets, but contain only their places.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      outlineOf(member, name === 'paths' || name === 'alive' ? 'paths' : key),
    ]),
  );
}

const COMMANDS = new Set(['run', 'status']);

/** The origin of a URL; the rest of it may be secret. */
function originOf(text: string): string | undefined {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, search } = new URL(text);
  return pathname + search === '/' ? origin : `${origin}/…`;
}

/** The secrets in a plugin's options, found by their names or their places. */
export function secretsIn(value: unknown, isSecret = false): readonly string[] {
  if (typeof value === 'string')
    return URL.canParse(value) ? secretsOf(new URL(value)) : isSecret ? wordsOf(value) : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(member => secretsIn(member, isSecret));
  return Object.entries(value).flatMap(([key, member]) =>
    PLAIN.has(key) ? [] : secretsIn(member, isSecret || SECRET.test(key)),
  );
}

/** The whole text, and the words after the first, such as a token after `Bearer`. */
const wordsOf = (text: string): readonly string[] => [text, ...text.split(/\s+/).slice(1)];

/** The user info, the query values, and long parts of the path, such as those of a webhook. */
function secretsOf({ username, password, searchParams, pathname }: URL): readonly string[] {
  return [
    username,
    password,
    ...searchParams.values(),
    ...pathname.split('/').filter(part => part.length >= 20),
  ].filter(Boolean);
}
