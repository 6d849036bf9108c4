/** Members whose text is never a secret, in the options of any plugin: names, paths and choices. */
export const PLAIN = new Set([
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
