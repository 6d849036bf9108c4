import { stat } from 'node:fs/promises';
import { errnoOf } from '../../base/errno.ts';
import { KeepaliveError } from '../../contract/errors.ts';
import type { NotifierContext } from '../../plugin/notifier.ts';
import { expandHome } from '../../system/home.ts';
import { readPlainFile } from '../../system/plain-file.ts';

/** A secret as the options give it: itself, in a file of the user's alone, or in a variable of the environment. */
export type Secret = {
  readonly name: string;
  readonly value?: string | undefined;
  readonly file?: string | undefined;
  readonly variable?: string | undefined;
  /** What is wrong with a value. */
  readonly problem?: ((value: string) => string | undefined) | undefined;
};

type SecretOptions<N extends string> = { readonly [K in N | `${N}File` | `${N}Variable`]?: string | undefined };

const MAX_BYTES = 64 * 1024;

/** The secret that the options `X`, `XFile` and `XVariable` give. Throws `KA_CONFIG_INVALID` if they give no or two. */
export function secretOf<N extends string>(name: N, options: SecretOptions<N>, problem?: Secret['problem']): Secret {
  const secret = optionalSecretOf(name, options, problem);
  if (secret) return secret;
  throw wrong(name, `Give one of ${name}, ${name}File and ${name}Variable.`);
}

/** The same for a secret that may be absent. */
export function optionalSecretOf<N extends string>(
  name: N,
  options: SecretOptions<N>,
  problem?: Secret['problem'],
): Secret | undefined {
  const { [name]: value, [`${name}File` as const]: file, [`${name}Variable` as const]: variable } = options;
  const given = [value, file, variable].filter(one => one !== undefined);
  if (given.length === 0) return undefined;
  if (given.length > 1) throw wrong(name, `Give only one of ${name}, ${name}File and ${name}Variable.`);
  const found = value === undefined ? undefined : problem?.(value);
  if (found !== undefined) throw wrong(name, found);
  return { name, value, file, variable, problem };
}

const wrong = (path: string, message: string): KeepaliveError =>
  new KeepaliveError('KA_CONFIG_INVALID', { problems: [{ path, message }] });

/** Reads the secret, and conceals it. Read at each delivery, so that a new one needs no restart. */
export async function readSecret(secret: Secret, { env, conceal }: SecretContext): Promise<string> {
  const { name, file, variable, problem } = secret;
  const path = file === undefined ? undefined : expandHome(file);
  const source = path ?? (variable === undefined ? `the option ${name}` : `$${variable}`);
  const value = (secret.value ?? (path === undefined ? env[variable ?? ''] : await readPrivate(path)) ?? '').trim();
  if (value !== '') conceal(value);
  const reason = value === '' ? 'it is empty, or missing' : problem?.(value);
  if (reason !== undefined) throw unreadable(source, reason);
  return value;
}

/** The header with a token; none without one. */
export async function bearer(token: Secret | undefined, context: SecretContext): Promise<Record<string, string>> {
  return token ? { authorization: `Bearer ${await readSecret(token, context)}` } : {};
}

/** What is wrong with a token that has to be sent in a header or a path. */
export const tokenProblem = (token: string): string | undefined =>
  /^[\x21-\x7e]+$/.test(token) ? undefined : 'A token has no blanks and only ASCII characters.';

type SecretContext = Pick<NotifierContext, 'env' | 'conceal'>;

/** The content of a file that no other user can read. */
async function readPrivate(path: string): Promise<string> {
  try {
    const { mode, uid } = await stat(path);
    const own = process.geteuid?.();
    if (own !== undefined && (mode & 0o077) !== 0)
      throw unreadable(path, `other users may read it; \`chmod 600 ${path}\` changes that`);
    if (own !== undefined && uid !== own && uid !== 0) throw unreadable(path, 'it belongs to another user');
    return (await readPlainFile(path, MAX_BYTES)).toString('utf8');
  } catch (error) {
    throw error instanceof KeepaliveError ? error : unreadable(path, errnoOf(error));
  }
}

const unreadable = (path: string, reason: string): KeepaliveError =>
  new KeepaliveError('KA_STORE_UNREADABLE', { path, reason });
