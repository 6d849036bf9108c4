type Env = Readonly<Record<string, string | undefined>>;

/** Variables that locate programs and logins, or configure the network. */
const RELEVANT = /^(PATH|\w+_HOME|\w+_CONFIG_DIR|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY)$/i;
const OUR_OWN = /^KEEPALIVE_/i;
/** An address with a user part, such as a proxy's, may contain a password. It must not be written into a file. */
const WITH_USER = /:\/\/[^/]*@/;
/** A line break would begin another entry of a definition, and XML has no way to write the others. */
export const CONTROL = /[\p{Cc}\ufffe\uffff]/u;

/** The variables that are written into the service, which does not inherit the shell's environment. */
export function carriedFrom(env: Env): readonly (readonly [name: string, value: string])[] {
  return relevant(env).filter(([, value]) => isPlain(value));
}

/** The names of relevant variables that are not written into a file. */
export function leftOut(env: Env): readonly string[] {
  return relevant(env)
    .filter(([, value]) => !isPlain(value))
    .map(([name]) => name);
}

export function environmentNotes(env: Env, howToAdd: string): readonly string[] {
  const carried = carriedFrom(env).map(([name]) => name);
  const missing = leftOut(env);
  return [
    `The service does not see this shell's environment. Copied into it: ${carried.join(', ') || 'nothing'}. ` +
      'If a proxy, a CA file or the PATH changes, install it again.',
    ...(missing.length ? [`Not copied, because it may contain a password: ${missing.join(', ')}. ${howToAdd}`] : []),
  ];
}

const relevant = (env: Env): readonly (readonly [string, string])[] =>
  Object.entries(env)
    .flatMap(([name, value]) => (value && RELEVANT.test(name) && !OUR_OWN.test(name) ? [[name, value] as const] : []))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

const isPlain = (value: string): boolean => !WITH_USER.test(value) && !CONTROL.test(value);
