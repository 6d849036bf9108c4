import { toMs } from '../../sdk/duration.ts';
import type { LastOutcome, ProviderPlugin, RefreshReason } from '../../sdk/provider.ts';
import type { Policy } from '../../sdk/policy.ts';
import type { Attempt, Instant, SessionRecord, SessionState } from '../../sdk/session.ts';
import type { Contexts } from '../plugins/context.ts';
import { failureOf } from '../plugins/failure.ts';
import { callPlugin } from '../plugins/gate.ts';
import { inspect } from '../plugins/inspect.ts';
import { finishOf } from '../plugins/outcome.ts';
import type { KernelLog } from '../log.ts';
import { leadMs, renewFrom } from './timing.ts';
import type { StateStore } from './store.ts';
import type { Finish } from './transition.ts';

export type AttemptParts = {
  readonly contexts: Contexts;
  readonly store: StateStore;
  readonly log: KernelLog;
  readonly scrub: (text: string) => string;
  readonly now: () => Instant;
};

export type AttemptOrder = {
  readonly provider: ProviderPlugin;
  readonly policy: Policy;
  /** The session as it was when the attempt began. */
  readonly record: SessionRecord;
  readonly reason: RefreshReason;
  readonly force: boolean;
  /** A failure before this says nothing. */
  readonly excusedUntil: Instant;
  readonly stop: AbortSignal;
};

/** One call of `refresh` and what it established. Never rejects: whatever is thrown is a finish too. */
export async function perform(parts: AttemptParts, order: AttemptOrder): Promise<Finish> {
  const fingerprint = async () => (await inspect(parts.contexts, order.provider).catch(() => undefined))?.fingerprint;
  // A person may sign in while the vendor says that they must: what needs a login is the credential from before.
  const before = await fingerprint();
  const finish = await settle(parts, order);
  return { ...finish, fingerprint: finish.outcome === 'login-required' ? before : await fingerprint() };
}

async function settle({ contexts, store, log, scrub, now }: AttemptParts, { provider, policy, record, reason, force, excusedUntil, stop }: AttemptOrder): Promise<Finish> {
  try {
    // Written down before it is made: a crash loop must not become a loop of attempts.
    await store.put(provider.id, record);
    const refreshBefore = leadMs(policy) * (1 + policy.jitter);
    const facts = { reason, force, last: lastOutcome(record), refreshBefore, renewFrom: renewFrom(policy, record) };
    const returned = await callPlugin(provider, 'refresh', toMs(policy.timeout), signal => provider.refresh(contexts.attempt(provider, signal, facts)), stop);
    return finishOf(returned, record, now(), scrub);
  } catch (error) {
    log.debug({ session: provider.id, err: error }, 'an attempt failed');
    return { ...failureOf(error, scrub), excused: stop.aborted || now() < excusedUntil };
  }
}

/** The attempt as the history keeps it, and the session it left. */
export function attemptOf(
  order: Pick<AttemptOrder, 'provider' | 'reason'>, finish: Finish, state: SessionState, method: string, span: Pick<Attempt, 'startedAt' | 'endedAt'>,
): Attempt {
  const { outcome, code, message } = finish;
  return { id: order.provider.id, ...span, reason: order.reason, method, outcome, failures: 'failures' in state ? state.failures : 0, code, message };
}

function lastOutcome({ lastAttempt, expiresAt, expirySeenAt }: SessionRecord): LastOutcome | undefined {
  if (!lastAttempt || lastAttempt.outcome === 'failed' || lastAttempt.outcome === 'offline') return undefined;
  return { status: lastAttempt.outcome, at: lastAttempt.endedAt, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt), expirySeenAt }) };
}
