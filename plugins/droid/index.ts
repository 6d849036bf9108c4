import { basename, join } from 'node:path';
import { z } from 'zod';
import { commandWords } from '../../sdk/base/command-words.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import type { InspectContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { whyHeldBack } from '../../sdk/recipes/cli/held-back.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import { programFolder, sentences } from '../../sdk/recipes/store/folder-variable.ts';
import { fingerprintOf, realWait, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { readClaims, readJwt } from '../../sdk/recipes/store/lifetime.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import { ownerTouch } from '../../sdk/recipes/session/owner-touch.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';
import { isEverProven, RELEASES } from '../../sdk/vendors/releases.ts';
import { findInKeyring, KEY, readStore, STORE } from './store.ts';

const Options = z.strictObject({
  id: z.string().default('droid'),
  /** The folder that holds `.factory`. [$FACTORY_HOME_OVERRIDE, or ~] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'observe']).default('auto'),
  /** Factory's program: a name on the PATH, or a path. */
  program: z.string().min(1).default('droid'),
});

export type DroidOptions = z.input<typeof Options>;

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['api.workos.com'];

/** Droid renews its token this long before the expiry, and not sooner. */
const VENDOR_MS = 60_000;
/**
 * SIGTERM ends droid at once, in the middle of a request too, and a rotated token with it. It waits for two minutes and
 * more for an answer. This leaves time to look at the store within the 150 seconds of an attempt.
 */
const PATIENCE_MS = 110_000;
/** How it is asked, as in the table of releases. */
const KIND = 'plugin list';
const SIGN_IN = 'Start `droid` and sign in.';
const ENCRYPTED =
  'Droid keeps the key of its credential in the system keyring, so it cannot be inspected. ' +
  'Remove the file, and sign in again with FACTORY_DISABLE_KEYRING=1, also in the environment in which you use droid.';

/** Keeps Factory's Droid signed in. */
export default function droid(options: DroidOptions = {}, wait: Wait = realWait, releases = RELEASES): ProviderPlugin {
  const { id, method, program, ...given } = checkOptions(Options, options);
  const homeIn = (context: InspectContext) =>
    programFolder({ chosen: given.home, variable: 'FACTORY_HOME_OVERRIDE', usual: '~' }, context);
  const folderIn = (context: InspectContext) => join(homeIn(context).path, '.factory');
  return defineSession(
    {
      id,
      displayName: id === 'droid' ? 'Droid' : `Droid (${id})`,
      owner: 'droid',
      program,
      policy: { schedule: { mode: 'interval', every: '6h' } },
      method,
      files: context => [join(folderIn(context), STORE), join(folderIn(context), KEY)],
      look: context => look({ folder: folderIn(context), note: homeIn(context).note }, context, wait),
      touch: ownerTouch(context => ({
        proven: isEverProven('droid', KIND, releases),
        heldBack: (run, context) => whyHeldBack({ ...run, vendor: 'droid', kind: KIND }, context, releases),
        // Every command renews first. This one asks nothing of a model, and starts no MCP server. `droid doctor` sends
        // a prompt.
        args: KIND.split(' '),
        // A key in the environment would be used instead of the login.
        env: { FACTORY_API_KEY: undefined, ...homeIn(context).env },
        timeoutMs: PATIENCE_MS,
        endpoint: 'https://api.workos.com/',
        // Two droids at once both spend the same refresh token, because no lock is held meanwhile.
        isOwner,
      })),
    },
    wait,
  );
}

const isOwner = ({ name, command = '' }: RunningProcess): boolean =>
  [name, ...commandWords(command).slice(0, 1)].some(word => /^droid(\.exe)?$/i.test(basename(word)));

type Place = { readonly folder: string; readonly note: string | undefined };

async function look({ folder, note }: Place, context: InspectContext, wait: Wait): Promise<StoredLogin | NoLogin> {
  const signIn = sentences(SIGN_IN, note);
  const elsewhere = await findInKeyring(folder, context);
  if (elsewhere !== undefined) return { hint: ENCRYPTED, unusable: true, store: elsewhere };
  const json = await readStore(folder, context, wait);
  if (!json) return { hint: signIn };
  const [access = '', refresh = ''] = ['access_token', 'refresh_token'].map(path => textAt(json, path));
  for (const secret of [access, refresh]) if (secret) context.conceal(secret);
  if (!refresh) return { hint: signIn, blank: true };
  const expiresAt = readJwt(access)?.expiresAt;
  const path = join(folder, STORE);
  return {
    store: (await context.files.stat(path))?.path ?? path,
    signIn,
    note,
    // Every run of droid writes the file. Only other tokens count as a renewal.
    fingerprint: fingerprintOf(access, refresh),
    refreshFingerprint: fingerprintOf(refresh),
    accountLabel: maskAccount(readClaims(access)?.['email']),
    dueAt: expiresAt && expiresAt.getTime() - VENDOR_MS,
  };
}
