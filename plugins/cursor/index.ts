import { join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { InspectContext, ProviderContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { dueAt } from '../../sdk/recipes/due.ts';
import { fingerprintOf, readJsonFile, realWait, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { readJwt } from '../../sdk/recipes/oauth/jwt.ts';
import { defineOwned, type NoLogin, type OwnedLogin } from '../../sdk/recipes/owned.ts';

const Options = z.strictObject({
  id: z.string().default('cursor'),
  /** The folder of `auth.json`. [$CURSOR_CONFIG_DIR, or cursor in $XDG_CONFIG_HOME or ~/.config] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** Cursor's program for the terminal: a name on the PATH, or a path. */
  program: z.string().min(1).default('cursor-agent'),
});

export type CursorOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, where it is found. */
export const autodetect = true;

const SIGN_IN = 'Run `cursor-agent login`.';

/** Keeps the Cursor CLI signed in. What is known of it comes from public reports alone. */
export default function cursor(options: CursorOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = ({ env, files }: InspectContext) =>
    files.resolve(given.home ?? (env['CURSOR_CONFIG_DIR'] || join(env['XDG_CONFIG_HOME'] || '~/.config', 'cursor')));
  const file = (context: InspectContext) => join(homeIn(context), 'auth.json');
  return defineOwned(
    {
      id,
      displayName: id === 'cursor' ? 'Cursor CLI' : `Cursor CLI (${id})`,
      owner: 'cursor-agent',
      program,
      every: '6h',
      method,
      signIn: SIGN_IN,
      file,
      look: (context, patience) => look(file(context), context, patience),
      touch: context => ({
        proven: false,
        args: ['--list-models'],
        // A key in the environment would be used instead of the login.
        env: { CURSOR_API_KEY: undefined, ...(given.home !== undefined && { CURSOR_CONFIG_DIR: homeIn(context) }) },
        endpoint: 'https://api2.cursor.sh/',
      }),
      // Reports differ on whether its refresh token is good once: it is treated as if it were.
      isOwner: ({ name, command = '' }) =>
        [name, ...command.split(' ').slice(0, 3)].some(word => word.includes('cursor-agent')),
    },
    wait,
  );
}

type Look = InspectContext & Partial<Pick<ProviderContext, 'last' | 'refreshBefore'>>;

async function look(
  file: string,
  { files, conceal, last, refreshBefore = 0 }: Look,
  wait: Wait,
): Promise<OwnedLogin | NoLogin> {
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found)
    return { hint: `${SIGN_IN} Where Cursor keeps its login in the keychain of the system, it cannot be looked at.` };
  const [access = '', refresh = ''] = ['accessToken', 'refreshToken'].map(path => textAt(found.json, path));
  for (const secret of [access, refresh]) if (secret) conceal(secret);
  if (!access && !refresh) return { hint: SIGN_IN, blank: true };
  const life = readJwt(access);
  return {
    store: facts?.path ?? file,
    fingerprint: fingerprintOf(access, refresh),
    refreshFingerprint: refresh ? fingerprintOf(refresh) : undefined,
    expiresAt: life?.expiresAt,
    dueAt: dueAt({ ...life, last }, refreshBefore),
  };
}
