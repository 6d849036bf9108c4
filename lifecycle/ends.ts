import type { Inspection } from '../sdk/contract/outcome.ts';
import type { Instant, SessionRecord } from '../sdk/contract/session.ts';
import { plausibleExpiry } from './timing.ts';

/** When a credential and the login behind it end. Undefined if that is not known. */
export type Ends = Pick<SessionRecord, 'expiresAt' | 'loginExpiresAt'>;

type Seen = Pick<Inspection, 'present' | 'fingerprint' | 'expiresAt' | 'loginExpiresAt'>;

/** The ends of the credential in the store. Those that the store does not show are kept while it is the same one. */
export function endsIn(before: SessionRecord, seen: Seen, now: Instant): Ends {
  if (!seen.present) return { expiresAt: undefined, loginExpiresAt: undefined };
  const kept: Ends = isAnother(before, seen.fingerprint) ? {} : before;
  const [expiresAt, loginExpiresAt] = [seen.expiresAt, seen.loginExpiresAt].map(at =>
    plausibleExpiry(at?.getTime(), now),
  );
  return { expiresAt: expiresAt ?? kept.expiresAt, loginExpiresAt: loginExpiresAt ?? kept.loginExpiresAt };
}

/** The record with these ends. They tell whether the credential was renewed, by us or by its own program. */
export function withEnds(
  before: SessionRecord,
  { expiresAt, loginExpiresAt }: Ends,
  { fingerprint, now }: { readonly fingerprint: string | undefined; readonly now: Instant },
): SessionRecord {
  const isRenewed = isRenewal(before, expiresAt, fingerprint);
  const isSame = expiresAt === before.expiresAt && loginExpiresAt === before.loginExpiresAt;
  if (isSame && !isRenewed) return before;
  const seenAt = expiresAt === before.expiresAt ? before.expirySeenAt : now;
  return {
    ...before,
    expiresAt,
    loginExpiresAt,
    expirySeenAt: expiresAt === undefined ? undefined : seenAt,
    lastRenewedAt: isRenewed ? now : before.lastRenewedAt,
  };
}

/** Whether the store holds another credential than before. Without a fingerprint, that is not known. */
const isAnother = (before: SessionRecord, fingerprint: string | undefined): boolean =>
  before.fingerprint !== undefined && fingerprint !== undefined && fingerprint !== before.fingerprint;

/** The first credential that is seen was not renewed. One that ends earlier was replaced. */
const isRenewal = (before: SessionRecord, expiresAt: Instant | undefined, fingerprint: string | undefined): boolean =>
  before.expiresAt === undefined || expiresAt === undefined
    ? isAnother(before, fingerprint)
    : expiresAt > before.expiresAt;

/** The record with what the user does to renew the login, if the credential was inspected. */
export const withRenew = (record: SessionRecord, seen: Pick<Inspection, 'renew'> | undefined): SessionRecord =>
  !seen || seen.renew === record.renew ? record : { ...record, renew: seen.renew };
