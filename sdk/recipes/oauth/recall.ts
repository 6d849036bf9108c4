import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { ProviderContext } from '../../plugin/provider.ts';
import { textAt } from '../store/json-store.ts';
import { classify } from './classify.ts';
import { recallSent } from './journal-notes.ts';
import { method } from './outcomes.ts';
import type { Reply } from './settle.ts';
import type { Credential, TokenFile } from './token-file.ts';

/** A token that may be spent: the response was lost, or we found no token in it. */
export type Spent = {
  readonly kind: 'spent';
  readonly why: 'lost' | 'unclear';
  readonly since: Date;
  readonly status?: number | undefined;
};

/** What we know of a token that may have been sent before. */
export type Recalled =
  /** The successor, which is not in the file yet. */
  | { readonly kind: 'successor'; readonly reply: Reply }
  | Spent
  /** It was not sent, or was not spent. */
  | { readonly kind: 'unspent' };

/** Classifies the stored response again, because a newer version may understand more of it. */
export async function recall(source: TokenFile, context: ProviderContext, credential: Credential): Promise<Recalled> {
  const { files, now } = context;
  const { path, refresh } = credential;
  const note = await recallSent(files, path, refresh);
  if (!note) return { kind: 'unspent' };
  const { sent, at, answered } = note;
  if (!answered) return { kind: 'spent', why: 'lost', since: at };
  const { answer, isLost } = answered;
  const verdict = await classify(answer, source, { now: now(), sent: refresh });
  if (verdict.kind === 'unclear') return { kind: 'spent', why: 'unclear', since: answered.at, status: answer.status };
  if (verdict.kind !== 'renewed') return isLost ? { kind: 'spent', why: 'lost', since: at } : { kind: 'unspent' };
  // A reply that does not rotate the token is not needed, and the file may be newer.
  if (!isRotated(verdict.reply, refresh)) return { kind: 'unspent' };
  return { kind: 'successor', reply: { sent, at: answered.at, reply: verdict.reply } };
}

export const isRotated = (reply: Reply['reply'], refresh: string): boolean =>
  (textAt(reply, 'refresh_token') ?? refresh) !== refresh;

/** The assumed life of an access token without a known expiry. */
const UNKNOWN_LIFE_MS = 3_600_000;

const REASONS = {
  lost: () => "The vendor's answer was lost. The token is not sent again while the session still works.",
  unclear: (status: number | undefined) =>
    `The vendor answered ${status}, but no token was found in the answer. The answer is kept. ` +
    'The old token may be spent, so it is not sent again while the session still works.',
};

/**
 * A token that may be spent is not sent again while the session works, because that may revoke the access token too.
 * Once the access token has expired, nothing can be lost. `force` overrides this after a lost response, but not after
 * a success.
 */
export function deferSpent(
  spent: Spent,
  { expiresAt }: Credential,
  context: ProviderContext,
): RefreshOutcome | undefined {
  const { force, now } = context;
  const { why, since, status } = spent;
  const until = expiresAt ?? new Date(since.getTime() + UNKNOWN_LIFE_MS);
  if (now() >= until.getTime() || (force && why === 'lost')) return undefined;
  return { method, status: 'deferred', until, reason: REASONS[why](status) };
}
