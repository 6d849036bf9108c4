import { join } from 'node:path';
import { offline } from '../../sdk/contract/errors.ts';
import type { InspectContext, ProviderContext, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import { fingerprintOf, valueAt, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { dueAt, isCodexRunning, isVendorsTurn } from './due.ts';
import { lookAtLogin, type Login, type Place } from './login.ts';
import { explain, greet, OTHER_CREDENTIALS, readAccount } from './touch.ts';

/*
 * Codex can keep its login in the system keyring, which only codex itself can read. It is asked to renew it every few
 * days, and its answer is believed. With "auto" it uses the file only if there is no keyring, and may leave an old file.
 */

export const KEYRING = 'the system keyring (Codex Auth)';

const DAY_MS = 86_400_000;
const RENEW_MS = 3 * DAY_MS;
/** Codex itself renews a login after 8 days. A running codex may be renewing one that is older than this. */
const VENDOR_MS = 7 * DAY_MS;
const LOOK_AGAIN_MS = 3_600_000;
const GRACE_MS = 60_000;
const LOCK_STALE_MS = 60_000;

/** Codex may have renewed without saying so, so it is not asked again before this. */
const PAUSE_MS = 6 * 3_600_000;

const keyOf = ({ home }: Place) => `keyring: ${home}`;
const pauseKeyOf = ({ home }: Place) => `keyring, unanswered: ${home}`;

/** How long ago that was noted. */
async function ageOf(key: string, { files, now }: ProviderContext): Promise<number> {
  const noted = Number(await files.journal.read(key));
  return noted > 0 && noted <= now() ? now() - noted : Infinity;
}

/** Codex writes this at a sign-in. Nothing else of a sign-in can be seen. */
export const signInLog = ({ home }: Place): string => join(home, 'log', 'codex-login.log');

export const keyringFingerprint = async (place: Place, { files }: InspectContext): Promise<string> =>
  fingerprintOf(String((await files.stat(signInLog(place)))?.modifiedAt));

export type Kept = {
  readonly place: Place;
  readonly program: string;
  /** The file that "auto" may use, or may have left behind. */
  readonly file: Login | undefined;
};

/** Has codex renew the login in the keyring if it is due. */
export async function renewInKeyring(
  { place, program, file }: Kept,
  context: ProviderContext,
  wait: Wait,
): Promise<RefreshOutcome> {
  const { files, now, force } = context;
  const age = await ageOf(keyOf(place), context);
  const isDue = force || (age >= RENEW_MS && (!file || now() >= dueAt(file, context)));
  if (!isDue) return { status: 'fresh', expiresAt: file?.expiresAt };
  const isOld = file ? isVendorsTurn(file, now()) : age >= VENDOR_MS;
  if (isOld && (await isCodexRunning(context))) return { status: 'deferred', reason: CODEX_RUNS };
  if (!force && (await ageOf(pauseKeyOf(place), context)) < PAUSE_MS) return later(UNANSWERED, now());
  const release = await files.lock(join(place.home, 'auth.json.keepalive'), { staleMs: LOCK_STALE_MS });
  if (!release) return { status: 'deferred', reason: 'Another keeper is renewing the credential.' };
  try {
    const outcome = await askCodex(place, program, context);
    if (outcome.status !== 'refreshed') return outcome;
    await files.journal.write(keyOf(place), String(now()));
    const after = file && (await lookAtLogin(place, context, wait));
    const isRenewed = after && !('hint' in after) && after.fingerprint !== file?.fingerprint;
    return isRenewed ? { ...outcome, expiresAt: after.expiresAt } : outcome;
  } finally {
    await release();
  }
}

async function askCodex(
  place: Place,
  program: string,
  { exec, fetch, files, now }: ProviderContext,
): Promise<RefreshOutcome> {
  let answer: JsonObject | undefined;
  const result = await exec(program, ['app-server'], {
    env: { ...OTHER_CREDENTIALS, CODEX_HOME: place.home },
    graceMs: GRACE_MS,
    async talk(dialogue) {
      await greet(dialogue);
      answer = await readAccount(dialogue, true);
    },
  });
  const said = await explain(result, answer, place, fetch);
  if (typeof said === 'string') throw offline({ program, reason: said });
  if (said) return said;
  const account = answer && valueAt(answer, 'result.account');
  if (account && !result.stderr.includes('Failed to refresh token')) return { status: 'refreshed' };
  // A keyring that is locked looks like an empty one, and nothing tells when it is unlocked.
  if (account === null) return later(noLogin(place), now());
  await files.journal.write(pauseKeyOf(place), String(now()));
  return later(UNANSWERED, now());
}

const noLogin = ({ loginHint }: Place): string =>
  'Codex finds no login in the keyring, or the keyring is locked: it cannot tell which, and is asked again each hour. ' +
  `Unlock the keyring. If there is no login in it: ${loginHint}`;

const CODEX_RUNS = 'A running codex may be about to renew it itself.';
const UNANSWERED = 'Codex did not say whether it renewed its login.';

const later = (reason: string, now: number): RefreshOutcome => ({
  status: 'deferred',
  until: new Date(now + LOOK_AGAIN_MS),
  reason,
});
