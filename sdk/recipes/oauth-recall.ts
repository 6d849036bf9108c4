import type { ProviderContext, RefreshOutcome } from '../provider.ts';
import { textAt } from './json-store.ts';
import { judge } from './oauth-answer.ts';
import { recallSent } from './oauth-notes.ts';
import { method } from './oauth-outcome.ts';
import type { Reply } from './oauth-settle.ts';
import type { Credential, TokenFile } from './oauth-source.ts';

/** What is known of a token that was sent before. */
export type Recalled =
  /** Its successor, which is not in the file yet. */
  | { readonly kind: 'successor'; readonly reply: Reply }
  /** It may be spent. */
  | { readonly kind: 'spent'; readonly why: 'lost' | 'unclear'; readonly since: Date; readonly status?: number | undefined }
  /** It was not sent, or came back unspent. */
  | { readonly kind: 'unspent' };

/** Reads again what came back: a newer version may understand more of it. */
export async function recall(source: TokenFile, { files, now }: ProviderContext, { path, refresh }: Credential): Promise<Recalled> {
  const note = await recallSent(files, path, refresh);
  if (!note) return { kind: 'unspent' };
  const { sent, at, answered } = note;
  if (!answered) return { kind: 'spent', why: 'lost', since: at };
  const verdict = await judge(answered.answer, source, { now: now(), sent: refresh });
  if (verdict.kind === 'unclear') return { kind: 'spent', why: 'unclear', since: answered.at, status: answered.answer.status };
  if (verdict.kind !== 'renewed') return answered.isLost ? { kind: 'spent', why: 'lost', since: at } : { kind: 'unspent' };
  // The answer for a token that stays good is of no use: the file may be newer.
  return isRotated(verdict.reply, refresh) ? { kind: 'successor', reply: { sent, at: answered.at, reply: verdict.reply } } : { kind: 'unspent' };
}

export const isRotated = (reply: Reply['reply'], refresh: string): boolean => (textAt(reply, 'refresh_token') ?? refresh) !== refresh;

/** Where no expiry is known, the access token is taken to last so long. */
const UNKNOWN_LIFE_MS = 3_600_000;

const REASONS = {
  lost: () => 'The vendor\'s answer was lost. The token is not sent again while the session still works.',
  unclear: (status: number | undefined) =>
    `The vendor answered ${status}, but no token was found in the answer. It is kept. The token may be spent, and is not sent again while the session still works.`,
};

/**
 * A token that may be spent is left alone while the session works: to send it again may revoke the access token too. Once that has expired,
 * nothing is left to lose. A person may insist where nothing came back, but not where the vendor has said that it did what was asked.
 */
export function rest({ why, since, status }: Extract<Recalled, { kind: 'spent' }>, { expiresAt }: Credential, { force, now }: ProviderContext): RefreshOutcome | undefined {
  const until = expiresAt ?? new Date(since.getTime() + UNKNOWN_LIFE_MS);
  if (now() >= until.getTime() || (force && why === 'lost')) return undefined;
  return { method, status: 'deferred', until, reason: REASONS[why](status) };
}
