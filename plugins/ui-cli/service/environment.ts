type Env = Readonly<Record<string, string | undefined>>;

/** Where programs and logins are found, and how the network is reached. */
const MATTERS = /^(PATH|\w+_HOME|\w+_CONFIG_DIR|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY)$/i;
const OUR_OWN = /^KEEPALIVE_/i;
/** The user part of an address, as in a proxy's: it may hold a password, and a file of the service is no place for one. */
const WITH_USER = /:\/\/[^/]*@/;

/** What a service must be given: it sees nothing of the shell that it was installed from. */
export function carriedFrom(env: Env): readonly (readonly [name: string, value: string])[] {
  return relevant(env).filter(([, value]) => isPlain(value));
}

/** The names of what would matter but is not written into a file. */
export function leftOut(env: Env): readonly string[] {
  return relevant(env)
    .filter(([, value]) => !isPlain(value))
    .map(([name]) => name);
}

export function environmentNotes(env: Env, howToAdd: string): readonly string[] {
  const carried = carriedFrom(env).map(([name]) => name);
  const missing = leftOut(env);
  return [
    `The service does not see this shell's environment. Taken over into it: ${carried.join(', ') || 'nothing'}. ` +
      'If a proxy, a CA file or the PATH changes, install it again.',
    ...(missing.length ? [`Not taken over, because it may hold a password: ${missing.join(', ')}. ${howToAdd}`] : []),
  ];
}

const relevant = (env: Env): readonly (readonly [string, string])[] =>
  Object.entries(env)
    .flatMap(([name, value]) => (value && MATTERS.test(name) && !OUR_OWN.test(name) ? [[name, value] as const] : []))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

const isPlain = (value: string): boolean => !WITH_USER.test(value) && !/[\r\n\0]/.test(value);
