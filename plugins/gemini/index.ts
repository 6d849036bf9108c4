import { dirname, join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { ExecResult } from '../../sdk/plugin/process.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  realWait,
  textAt,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import { whyHeldBack } from '../../sdk/recipes/cli/held-back.ts';
import { isEverProven, RELEASES } from '../../sdk/vendors/releases.ts';
import { programFolder, sentences } from '../../sdk/recipes/store/folder-variable.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { readClaims } from '../../sdk/recipes/store/lifetime.ts';
import { ownerTouch } from '../../sdk/recipes/session/owner-touch.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';
import { keepingLogin, restoreLogin } from './kept-login.ts';

const Options = z.strictObject({
  id: z.string().default('gemini'),
  /** The folder that holds `.gemini`. [$GEMINI_CLI_HOME, or ~] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** The gemini program: a name on the PATH, or a path. */
  program: z.string().min(1).default('gemini'),
});

export type GeminiOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['cloudcode-pa.googleapis.com'];

/** Gemini renews its token this long before the expiry, and not sooner. */
const VENDOR_MS = 300_000;
/** How it is asked, as in the table of releases. */
const KIND = 'list-sessions';
const SIGN_IN = 'Start `gemini` (without a browser here `NO_BROWSER=true gemini`) and sign in with Google.';
const ENCRYPTED =
  'Gemini CLI keeps its credential encrypted, so it cannot be inspected. ' +
  'Unset GEMINI_FORCE_ENCRYPTED_FILE_STORAGE and sign in with Google again.';
const RETIRED = 'Google has retired Gemini CLI for this kind of account, so it no longer works.';

/** Keeps Google's Gemini CLI signed in. */
export default function gemini(
  options: GeminiOptions = {},
  wait: Wait = realWait,
  releases = RELEASES,
): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = (context: InspectContext) =>
    programFolder({ chosen: given.home, variable: 'GEMINI_CLI_HOME', usual: '~' }, context);
  const file = (context: InspectContext) => join(homeIn(context).path, '.gemini', 'oauth_creds.json');
  const session = defineSession(
    {
      id,
      displayName: id === 'gemini' ? 'Gemini CLI' : `Gemini CLI (${id})`,
      owner: 'gemini',
      program,
      // The access token lives for an hour. It is the login behind it that has to be kept alive.
      policy: { schedule: { mode: 'interval', every: '12h' } },
      method,
      files: context => [file(context), join(dirname(file(context)), 'settings.json')],
      look: context => look({ file: file(context), note: homeIn(context).note }, context, wait),
      touch: keepingLogin(
        ownerTouch(context => ({
          proven: isEverProven('gemini', KIND, releases),
          heldBack: (run, context) => whyHeldBack({ ...run, vendor: 'gemini', kind: KIND }, context, releases),
          args: [`--${KIND}`],
          // Without a terminal it has not been seen to open a browser. This makes sure. In one process, because the
          // outer of two passes no signal on.
          env: {
            NO_BROWSER: 'true',
            GEMINI_CLI_NO_RELAUNCH: 'true',
            ...homeIn(context).env,
          },
          endpoint: 'https://cloudcode-pa.googleapis.com/',
          verdict,
        })),
        file,
      ),
    },
    wait,
  );
  return {
    ...session,
    async refresh(context) {
      await restoreLogin(file(context), context, wait);
      return session.refresh(context);
    },
  };
}

type Place = { readonly file: string; readonly note: string | undefined };

async function look(
  { file, note }: Place,
  { files, env, conceal }: InspectContext,
  wait: Wait,
): Promise<StoredLogin | NoLogin> {
  const folder = dirname(file);
  const signIn = sentences(SIGN_IN, note);
  const settings = await files.read(join(folder, 'settings.json'));
  const [, selected = 'oauth-personal'] = /"selected(?:Auth)?Type"\s*:\s*"([\w-]+)"/.exec(settings ?? '') ?? [];
  if (selected !== 'oauth-personal')
    return { hint: 'Gemini CLI is not set to sign in with Google, so there is no session to keep alive.' };
  const found = await readJsonFile(files, file, wait);
  if (!found) {
    const isEncrypted =
      env['GEMINI_FORCE_ENCRYPTED_FILE_STORAGE'] === 'true' ||
      (await files.stat(join(folder, 'gemini-credentials.json')));
    return isEncrypted ? { hint: ENCRYPTED, unusable: true } : { hint: signIn };
  }
  const { json } = found;
  for (const secret of ['access_token', 'refresh_token', 'id_token'].map(path => textAt(json, path)))
    if (secret) conceal(secret);
  const refresh = textAt(json, 'refresh_token');
  if (!refresh) return { hint: signIn, blank: true };
  const expiry = readInstant(json['expiry_date'])?.getTime();
  // Only a later expiry counts as a renewal.
  return {
    store: file,
    signIn,
    note,
    fingerprint: fingerprintOf(refresh, String(expiry)),
    accountLabel: maskAccount(readClaims(textAt(json, 'id_token') ?? '')?.['email']),
    dueAt: expiry === undefined ? undefined : expiry - VENDOR_MS,
  };
}

/** Gemini ends with 0 in any case, and asks for a sign-in also if Google is down. Neither proves anything. */
function verdict({ stderr, exitCode }: ExecResult): RefreshOutcome | undefined {
  if (/IneligibleTierError|UNSUPPORTED_CLIENT/.test(stderr)) return { status: 'unavailable', hint: RETIRED };
  return exitCode === 41 && stderr.includes('Please set an Auth method')
    ? { status: 'unavailable', hint: SIGN_IN }
    : undefined;
}
