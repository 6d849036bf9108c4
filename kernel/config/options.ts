/** Members whose text is no secret, whoever's plugin they are for: names, places and choices. */
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
/** Members in which everything is as they are. */
const SECRET = /token|secret|passw|passphrase|api[-_]?key|auth|cookie|credential|header/i;

/** Whether it goes on and on: what refers to itself does, and a few lines of YAML that refer to one another can mean more than fits into any memory. */
export function isEndless(value: unknown, room = { left: 100_000 }, depth = 0): boolean {
  if ((room.left -= 1) < 0 || depth > 500) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some(member => isEndless(member, room, depth + 1))
  );
}

/** What somebody who helps may see of a plugin's options: their form, and what is surely no secret in them. */
export function outlineOf(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return PLAIN.has(name) ? value : (originOf(value) ?? '[text]');
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol') return `[${typeof value}]`;
  // Of a command only the program: its arguments may hold anything.
  if (Array.isArray(value))
    return value.map((member, index) => outlineOf(member, COMMANDS.has(name) && index === 0 ? 'program' : name));
  if (typeof value !== 'object' || value === null) return value;
  // The members of `paths` are named like secrets, and say where those are.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      outlineOf(member, name === 'paths' || name === 'alive' ? 'paths' : key),
    ]),
  );
}

const COMMANDS = new Set(['run', 'status']);

/** Where an address leads; the rest of it may be a secret. */
function originOf(text: string): string | undefined {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, search } = new URL(text);
  return pathname + search === '/' ? origin : `${origin}/…`;
}

/** The secrets in a plugin's options, as far as their names or their places tell. */
export function secretsIn(value: unknown, isSecret = false): readonly string[] {
  if (typeof value === 'string')
    return URL.canParse(value) ? secretsOf(new URL(value)) : isSecret ? wordsOf(value) : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(member => secretsIn(member, isSecret));
  return Object.entries(value).flatMap(([key, member]) =>
    PLAIN.has(key) ? [] : secretsIn(member, isSecret || SECRET.test(key)),
  );
}

/** All of it, and what comes behind a word such as `Bearer`. */
const wordsOf = (text: string): readonly string[] => [text, ...text.split(/\s+/).slice(1)];

/** The user in front, what is asked for, and parts of the path that nobody would type: those of a webhook. */
function secretsOf({ username, password, searchParams, pathname }: URL): readonly string[] {
  return [
    username,
    password,
    ...searchParams.values(),
    ...pathname.split('/').filter(part => part.length >= 20),
  ].filter(Boolean);
}
