import { join } from 'node:path';
import { offline } from '../../sdk/contract/errors.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { SignInContext } from '../../sdk/plugin/sign-in.ts';
import { forgetRefusal } from '../../sdk/recipes/store/refusal.ts';
import { whyHeldBack } from '../../sdk/recipes/cli/held-back.ts';
import { fingerprintOf, valueAt, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import type { CodexHome } from './home.ts';
import { readLogin, type Login } from './login.ts';
import { CODEX_RUNS, dueAt, isCodexRunning, isVendorsTurn } from './timing.ts';
import { believed, envOf, explain, greet, readAccount } from './touch.ts';

const DAY_MS = 86_400_000;
const RENEW_MS = 3 * DAY_MS;
/** Codex renews a login after 8 days. A running codex may be renewing one that is older than this. */
const VENDOR_MS = 7 * DAY_MS;
const LOOK_AGAIN_MS = 3_600_000;
const GRACE_MS = 60_000;
const LOCK_STALE_MS = 60_000;

/** After an unclear answer, codex may have renewed the login. It is not asked again before this. */
const PAUSE_MS = 6 * 3_600_000;

const keyOf = ({ folder }: CodexHome) => `keyring: ${folder}`;
const pauseKeyOf = ({ folder }: CodexHome) => `keyring, unanswered: ${folder}`;

const signInKeyOf = ({ folder }: CodexHome) => `keyring, signed in: ${folder}`;

/** Codex has just stored a new login. It is young, so its renewal is not due. */
export async function noteSignIn(home: CodexHome, { files, now }: SignInContext): Promise<void> {
  const keys = [signInKeyOf(home), keyOf(home)];
  await Promise.all(keys.map(key => files.journal.write(key, String(now()))));
  await files.journal.remove(pauseKeyOf(home));
}

/** `codex login` writes this file. Of a sign-in that we ran, there is only our note. */
export const signInLog = ({ folder }: CodexHome): string => join(folder, 'log', 'codex-login.log');

/** Changes when the user signs in. */
export async function keyringFingerprint(home: CodexHome, files: Files): Promise<string> {
  const noted = await files.journal.read(signInKeyOf(home));
  return fingerprintOf(
    String((await files.stat(signInLog(home)))?.modifiedAt),
    ...(noted === undefined ? [] : [noted]),
  );
}

/** How long ago the note was written, in milliseconds. */
async function ageOf(key: string, { files, now }: ProviderContext): Promise<number> {
  const noted = Number(await files.journal.read(key));
  return noted > 0 && noted <= now() ? now() - noted : Infinity;
}

type Keyring = { readonly home: CodexHome; readonly program: string; readonly wait: Wait };

/** Makes codex renew the login in the keyring if it is due. `file` may be in use, or left behind by "auto". */
export async function renewInKeyring(
  { home, program, wait }: Keyring,
  file: Login | undefined,
  context: ProviderContext,
): Promise<RefreshOutcome> {
  const { files, now, force } = context;
  const age = await ageOf(keyOf(home), context);
  const isDue = force || (age >= RENEW_MS && (!file || now() >= dueAt(file, context)));
  if (!isDue) return { status: 'fresh', expiresAt: file?.expiresAt };
  const isOld = file ? isVendorsTurn(file, now()) : age >= VENDOR_MS;
  if (isOld && (await isCodexRunning(context))) return { status: 'deferred', reason: CODEX_RUNS };
  if (!force && (await ageOf(pauseKeyOf(home), context)) < PAUSE_MS) return later(UNANSWERED, now());
  const held = await whyHeldBack({ vendor: 'codex', kind: 'app-server', program, env: envOf(home) }, context);
  if (held !== undefined) return later(held, now());
  const release = await files.lock(join(home.folder, 'auth.json.keepalive'), { staleMs: LOCK_STALE_MS });
  if (!release) return { status: 'deferred', reason: 'Another Keepalive process is renewing the credential.' };
  try {
    const outcome = await askCodex(home, program, context);
    if (outcome.status !== 'refreshed') return outcome;
    await files.journal.write(keyOf(home), String(now()));
    await forgetRefusal(context, { store: keyOf(home) });
    const after = file && (await readLogin(home, context, wait));
    const isRenewed = after && !('hint' in after) && after.fingerprint !== file?.fingerprint;
    return isRenewed ? { ...outcome, expiresAt: after.expiresAt } : outcome;
  } finally {
    await release();
  }
}

async function askCodex(home: CodexHome, program: string, context: ProviderContext): Promise<RefreshOutcome> {
  const { exec, fetch, files, now } = context;
  let answer: JsonObject | undefined;
  const result = await exec(program, ['app-server'], {
    env: envOf(home),
    graceMs: GRACE_MS,
    async talk(dialogue) {
      await greet(dialogue);
      answer = await readAccount(dialogue, true);
    },
  });
  const refused = { store: keyOf(home), fingerprint: await keyringFingerprint(home, files) };
  const explained = await believed(await explain(result, answer, home, fetch), result, refused, context);
  if (typeof explained === 'string') throw offline({ program, reason: explained });
  if (explained) return explained;
  const account = answer && valueAt(answer, 'result.account');
  if (account && !result.stderr.includes('Failed to refresh token')) return { status: 'refreshed' };
  // A locked keyring looks like an empty one, and we cannot see when it is unlocked.
  if (account === null) return later(noLogin(home), now());
  await files.journal.write(pauseKeyOf(home), String(now()));
  return later(UNANSWERED, now());
}

const noLogin = ({ signIn }: CodexHome): string =>
  'Codex found no login in the keyring, which may be locked. It is asked again each hour. ' +
  `Unlock the keyring. If there is no login in it: ${signIn}`;

const UNANSWERED = 'Codex did not say whether it renewed its login.';

const later = (reason: string, now: number): RefreshOutcome => ({
  status: 'deferred',
  until: new Date(now + LOOK_AGAIN_MS),
  reason,
});
