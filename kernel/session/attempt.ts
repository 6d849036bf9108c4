import { toMs } from '../../sdk/contract/duration.ts';
import type { Inspection, LastOutcome, ProviderPlugin, RefreshReason } from '../../sdk/plugin/provider.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import type { Attempt, Instant, SessionRecord, SessionState } from '../../sdk/contract/session.ts';
import { signInSeparately } from '../../sdk/wording/shared-login.ts';
import { watchAsking } from '../../runtime/asking.ts';
import { failureOf } from './failure.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import { finishOf } from './outcome.ts';
import type { Rival } from './logins.ts';
import type { AttemptParts } from './parts.ts';
import { sightOf } from './sight.ts';
import { leadMs, renewFrom, sensible } from './timing.ts';
import type { Finish } from './transition.ts';

export type AttemptOrder = {
  readonly provider: ProviderPlugin;
  readonly policy: Policy;
  /** The session as it is. */
  readonly record: () => SessionRecord;
  /** Looks at the credential; undefined if that is not possible. */
  readonly look: () => Promise<Inspection | undefined>;
  readonly reason: RefreshReason;
  readonly force: boolean;
  /** A failure before this says nothing. */
  readonly excusedUntil: Instant;
  readonly stop: AbortSignal;
};

/** One call of `refresh` and what it established. Never rejects: whatever is thrown is a finish too. */
export async function perform(parts: AttemptParts, order: AttemptOrder): Promise<Finish> {
  const { id } = order.provider;
  const { logins, now } = parts;
  await parts.firstLooks();
  const before = await order.look();
  const barred = await claim(parts, id);
  if (barred) return { ...withExpiry(barred, before, now()), fingerprint: before?.fingerprint };
  const finish = await settle(parts, order);
  const after = await order.look();
  logins.release(id, after);
  // The user may sign in during the attempt, so `login-required` is about the fingerprint it started with.
  const { fingerprint } = (finish.outcome === 'login-required' ? before : after) ?? {};
  const sight = finish.outcome === 'unavailable' ? sightOf(after) : undefined;
  return { ...withExpiry(finish, after, now()), fingerprint, sight };
}

/** Why this session may not renew the login now, after a look at each store with a copy; undefined if it may. */
async function claim({ logins, lookAt, now }: AttemptParts, id: string): Promise<Finish | undefined> {
  const copies = await Promise.all(logins.copiesOf(id).map(async copy => ({ copy, isSeen: await lookAt(copy) })));
  const hidden = copies.find(({ copy, isSeen }) => !isSeen && logins.copiesOf(id).includes(copy));
  if (hidden && !logins.rivalOf(id)) return unseen(hidden.copy, now());
  const rival = logins.claim(id);
  return rival && leftTo(rival, id, now());
}

/** A fallback: a new credential, or the end of the sharing, ends the wait sooner. */
const LEFT_FOR_MS = 3_600_000;

function leftTo({ holder, spent }: Rival, id: string, now: Instant): Finish {
  const what = spent
    ? `This session held the same login as "${holder}", where the refresh token has changed since. ` +
      'The one here may be spent, so it is not used.'
    : `The session "${holder}" keeps the same login alive.`;
  const message = `${what} ${signInSeparately(id, holder, spent)}`;
  return { outcome: 'deferred', again: now + LEFT_FOR_MS, message, askedNobody: true };
}

const LOOK_AGAIN_MS = 120_000;

/** An unreadable store may be in the middle of a write, so its login may be changing just now. */
function unseen(copy: string, now: Instant): Finish {
  const message =
    `The session "${copy}" holds the same login, and its store cannot be read. ` +
    'The login may have been renewed there, so it is not renewed here until that store can be read.';
  return { outcome: 'deferred', again: now + LOOK_AGAIN_MS, message, askedNobody: true };
}

/** A deferred attempt learned no expiry, but the store may show one. */
function withExpiry(finish: Finish, seen: Inspection | undefined, now: Instant): Finish {
  if (finish.outcome !== 'deferred') return finish;
  const [expiresAt, loginExpiresAt] = [seen?.expiresAt, seen?.loginExpiresAt].map(at => sensible(at?.getTime(), now));
  return { ...finish, expiresAt, loginExpiresAt };
}

async function settle(
  { contexts, store, log, scrub, now }: AttemptParts,
  { provider, policy, record, reason, force, excusedUntil, stop }: AttemptOrder,
): Promise<Finish> {
  const before = record();
  let hasAsked = () => false;
  try {
    // Written down before it is made: a crash loop must not become a loop of attempts.
    await store.put(provider.id, before);
    const refreshBefore = leadMs(policy) * (1 + policy.jitter);
    const facts = { reason, force, last: lastOutcome(before), refreshBefore, renewFrom: renewFrom(policy, before) };
    const returned = await callPlugin(provider, 'refresh', { timeoutMs: toMs(policy.timeout), stop }, async signal => {
      const watched = watchAsking(contexts.attempt(provider, signal, facts));
      ({ hasAsked } = watched);
      return provider.refresh(watched.context);
    });
    return { ...finishOf(returned, before, now(), scrub), askedNobody: hasAsked() ? undefined : true };
  } catch (error) {
    log.debug({ session: provider.id, err: error }, 'an attempt failed');
    const excused = stop.aborted || now() < excusedUntil;
    return { ...failureOf(error, scrub), excused, askedNobody: hasAsked() ? undefined : true };
  }
}

/** The attempt as the history keeps it, and the session it left. */
export function attemptOf(
  order: Pick<AttemptOrder, 'provider' | 'reason'>,
  finish: Finish,
  state: SessionState,
  method: string,
  span: Pick<Attempt, 'startedAt' | 'endedAt'>,
): Attempt {
  const { outcome, code, message } = finish;
  return {
    id: order.provider.id,
    ...span,
    reason: order.reason,
    method,
    outcome,
    failures: 'failures' in state ? state.failures : 0,
    code,
    message,
  };
}

function lastOutcome({ lastAttempt, expiresAt, expirySeenAt }: SessionRecord): LastOutcome | undefined {
  if (!lastAttempt || lastAttempt.outcome === 'failed' || lastAttempt.outcome === 'offline') return undefined;
  return {
    status: lastAttempt.outcome,
    at: lastAttempt.endedAt,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt), expirySeenAt }),
  };
}
