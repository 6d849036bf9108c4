import { loginFailed } from '../../contract/errors.ts';
import { textAt, withoutValue, type JsonObject } from '../store/json-store.ts';
import { forgetSent, noteSent, recallSent, warnOf, type ResponseNote } from './journal-notes.ts';
import { underLocks } from './locks.ts';
import { concealTokens, sentOf, settle, type StoreRun } from './settle.ts';
import type { Absence, Credential, TokenFile } from './token-file.ts';

/** Proves, before the user is asked for anything, that the file can be written or created. */
export function proveWritable(run: StoreRun, before: Credential | Absence): Promise<void> {
  const { path } = before;
  const prove = async () => (await run.context.files.prepare(path, { create: true })).discard();
  // The folder of the lock may be missing too.
  return 'absent' in before && before.absent === 'file' ? prove() : underLocks(run.source, path, run, prove);
}

/** A login that was just received, in the place of `before`. */
export type NewLogin = {
  readonly before: Credential | Absence;
  readonly answered: ResponseNote;
  readonly reply: JsonObject;
};

/**
 * Stores the login as a redeem stores a successor: a crash leaves the old login, or the new one in the journal or in
 * the file. Throws `KA_LOGIN_FAILED` if another program has changed the login meanwhile.
 */
export function storeLogin(run: StoreRun, login: NewLogin): Promise<void> {
  const { context } = run;
  const { before, answered, reply } = login;
  const { path } = before;
  const sent = sentOf(before);
  concealTokens(context, reply);
  return underLocks(run.source, path, run, async () => {
    const place = await context.files.prepare(path, { create: true });
    try {
      const isNoted = await note(run, login);
      const source = withoutOldId(run.source, reply);
      const stored = settle({ ...run, source }, path, { sent, at: answered.at, reply }, place).then(
        ({ wrote }) => wrote,
      );
      const wrote = await stored.catch(async (error: unknown) => {
        if (isNoted) await forgetSent(context, path, sent);
        throw error;
      });
      if (wrote) return;
      if (isNoted) await forgetSent(context, path, sent);
      throw loginFailed(CHANGED);
    } finally {
      await place.discard();
    }
  });
}

const CHANGED = 'Another program has changed the login meanwhile, so the new one was not stored';

/** A redeem finds the note by the old token. Without one there is nothing to lose. */
async function note({ context }: StoreRun, { before, answered }: NewLogin): Promise<boolean> {
  if ('absent' in before) return false;
  const { path, refresh } = before;
  // A note of an earlier request may have the only successor of the old token, until the new login is stored.
  if (await recallSent(context.files, path, refresh)) return false;
  const sending = await noteSent(context.files, refresh, answered.at);
  try {
    await sending.answered(answered).catch(warnOf(context));
  } finally {
    await sending.close();
  }
  return true;
}

/** The id token of the login from before names another login, and perhaps another account. */
function withoutOldId(source: TokenFile, reply: JsonObject): TokenFile {
  const { idToken } = source.paths;
  if (idToken === undefined || textAt(reply, 'id_token') !== undefined) return source;
  const { merge } = source;
  return { ...source, merge: (json, ...rest) => withoutValue(merge?.(json, ...rest) ?? json, idToken) };
}
