import { join } from 'node:path';
import { z } from 'zod';
import { commandWords } from '../../sdk/base/command-words.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { programFolder, sentences, type ProgramFolder } from '../../sdk/recipes/store/folder-variable.ts';
import { dueAt, readJwt } from '../../sdk/recipes/store/lifetime.ts';
import { fingerprintOf, readJsonFile, realWait, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { isEverProven } from '../../sdk/vendors/releases.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { ownerTouch } from '../../sdk/recipes/session/owner-touch.ts';
import type { LookContext, NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';

const Options = z.strictObject({
  id: z.string().default('cursor'),
  /** The folder of `auth.json`. [$CURSOR_CONFIG_DIR, or cursor in $XDG_CONFIG_HOME or ~/.config] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** Cursor's program for the terminal: a name on the PATH, or a path. */
  program: z.string().min(1).default('cursor-agent'),
});

export type CursorOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['api2.cursor.sh'];

const SIGN_IN = 'Run `cursor-agent login`, or without a browser here `NO_OPEN_BROWSER=1 cursor-agent login`.';

/** Keeps the Cursor CLI signed in. All that we know of it is from public reports. */
export default function cursor(options: CursorOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = (context: InspectContext) => cursorHome(given.home, context);
  return defineSession(
    {
      id,
      displayName: id === 'cursor' ? 'Cursor CLI' : `Cursor CLI (${id})`,
      owner: 'cursor-agent',
      program,
      policy: { schedule: { mode: 'interval', every: '6h' } },
      method,
      files: context => [fileIn(homeIn(context))],
      look: context => look(homeIn(context), context, wait),
      touch: ownerTouch(context => ({
        proven: isEverProven('cursor', 'list-models'),
        args: ['--list-models'],
        // A key in the environment would be used instead of the login.
        env: { CURSOR_API_KEY: undefined, ...homeIn(context).env },
        endpoint: 'https://api2.cursor.sh/',
        // Reports differ on whether its refresh token can be used only once, so we assume that it can.
        isOwner: ({ name, command = '' }) =>
          [name, ...commandWords(command).slice(0, 3)].some(word => word.includes('cursor-agent')),
      })),
    },
    wait,
  );
}

const fileIn = ({ path }: ProgramFolder): string => join(path, 'auth.json');

function cursorHome(chosen: string | undefined, context: InspectContext): ProgramFolder {
  if (chosen !== undefined || context.env['CURSOR_CONFIG_DIR'])
    return programFolder({ chosen, variable: 'CURSOR_CONFIG_DIR', usual: '~/.config/cursor' }, context);
  const config = programFolder({ chosen, variable: 'XDG_CONFIG_HOME', usual: '~/.config' }, context);
  return { ...config, path: join(config.path, 'cursor') };
}

async function look(
  home: ProgramFolder,
  { files, conceal, last, refreshBefore = 0 }: LookContext,
  wait: Wait,
): Promise<StoredLogin | NoLogin> {
  const { note } = home;
  const file = fileIn(home);
  const signIn = sentences(SIGN_IN, note);
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found) return { hint: `${signIn} A login in the system keychain cannot be inspected.` };
  const [access = '', refresh = ''] = ['accessToken', 'refreshToken'].map(path => textAt(found.json, path));
  for (const secret of [access, refresh]) if (secret) conceal(secret);
  if (!access && !refresh) return { hint: signIn, blank: true };
  const life = readJwt(access);
  return {
    store: facts?.path ?? file,
    signIn,
    note,
    fingerprint: fingerprintOf(access, refresh),
    refreshFingerprint: refresh ? fingerprintOf(refresh) : undefined,
    expiresAt: life?.expiresAt,
    dueAt: dueAt({ ...life, last }, refreshBefore),
  };
}
