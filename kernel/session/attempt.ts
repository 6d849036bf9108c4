import { toMs } from '../../sdk/contract/duration.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import { methodOf, type Instant, type SessionRecord } from '../../sdk/contract/session.ts';
import type { Inspection, RefreshReason } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { watchAsking } from '../../runtime/asking.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { ContextFactory } from '../plugins/context-factory.ts';
import type { StateStore } from '../../state/states.ts';
import { hashOf } from '../../lifecycle/credential.ts';
import type { AttemptResult } from '../../lifecycle/event.ts';
import { deferredTo, deferredToUnread } from '../../lifecycle/deferred.ts';
import type { Logins } from '../../lifecycle/logins.ts';
import type { Right } from '../../sdk/plugin/fleet.ts';
import type { FleetGuard, Permit } from '../lease/guard.ts';
import { holdingRight } from '../lease/holding-right.ts';
import { failureOf, lastOutcome, resultOf } from '../../lifecycle/outcome.ts';
import { leadMs, renewFrom } from '../../lifecycle/timing.ts';

/** What an attempt depends on. */
export type AttemptParts = {
  readonly contexts: ContextFactory;
  readonly store: StateStore;
  readonly logins: Logins;
  readonly guard: Pick<FleetGuard, 'acquire'>;
  /** Resolves once every session was inspected, or a time limit passed. */
  readonly firstInspections: () => Promise<void>;
  /** Inspects the store of another session; false if it cannot be read. */
  readonly inspectOther: (id: string) => Promise<boolean>;
  readonly log: KernelLog;
  readonly scrub: (text: string) => string;
  readonly now: () => Instant;
};

export type AttemptOrder = {
  readonly provider: ProviderPlugin;
  readonly policy: Policy;
  /** The session's current record. */
  readonly record: () => SessionRecord;
  /** Undefined if the credential cannot be inspected. */
  readonly inspect: () => Promise<Inspection | undefined>;
  readonly reason: RefreshReason;
  readonly force: boolean;
  /** Failures before this time are ignored: the machine has just woken up. */
  readonly ignoreFailuresUntil: Instant;
  readonly stop: AbortSignal;
};

/** Calls `refresh` once, unless another session keeps the login alive. Never rejects: an error is a result too. */
export async function perform(parts: AttemptParts, order: AttemptOrder): Promise<AttemptResult> {
  const { id } = order.provider;
  const { logins } = parts;
  await parts.firstInspections();
  const before = await order.inspect();
  const method = methodOf(order.record()) ?? before?.method;
  const refused = await claim(parts, id);
  if (refused) return { ...refused, method, fingerprint: before?.fingerprint, seen: before };
  const permit = await permitOf(parts, order, before);
  const result = permit.refused ?? (await refresh(parts, order, permit.right));
  const after = permit.refused ? before : await order.inspect();
  logins.release(id, after);
  await settle(parts, id, permit.right, after);
  // The user may sign in during the attempt, so `login-required` is about the fingerprint it started with.
  const { fingerprint } = (result.outcome === 'login-required' ? before : after) ?? {};
  const sight = result.outcome === 'unavailable' && after ? hashOf(after) : undefined;
  return { ...result, method: result.method ?? method, fingerprint, sight, seen: after };
}

/** Claims the login, after inspecting each store with a copy. Returns a result if this session may not renew it now. */
async function claim({ logins, inspectOther, now }: AttemptParts, id: string): Promise<AttemptResult | undefined> {
  const copies = await Promise.all(logins.copiesOf(id).map(async copy => ({ copy, isRead: await inspectOther(copy) })));
  const unread = copies.find(({ copy, isRead }) => !isRead && logins.copiesOf(id).includes(copy));
  if (unread && !logins.otherHolderOf(id)) return deferredToUnread(unread.copy, now());
  const other = logins.claim(id);
  return other && deferredTo(other, id, now());
}

/** Whether the machines of the fleet leave the login to this one. */
function permitOf(
  { logins, guard, now }: AttemptParts,
  { provider: { id }, policy }: AttemptOrder,
  seen: Inspection | undefined,
): Promise<Permit> {
  const goodUntil = now() + leadMs(policy) * (1 + policy.jitter);
  const remote = logins.remoteOf(id);
  // If what the other one holds was renewed here, this session is the only one with its token.
  const sharedWith = remote && (remote.isHolder || !remote.spent) ? remote.other : undefined;
  return guard.acquire({ id, login: logins.loginOf(id), sharedWith, seen, goodUntil, now: now() });
}

/** The fleet hears of the new login before another machine asks for the old one. If it cannot, it hears of it later. */
async function settle(
  { log }: AttemptParts,
  id: string,
  right: Right | undefined,
  after: Inspection | undefined,
): Promise<void> {
  try {
    if (right && !(await right.settle(after?.refreshFingerprint)))
      log.warn({ session: id }, 'another machine took over the login while it was renewed here');
  } catch (error) {
    log.debug({ session: id, err: error }, 'the fleet was not reached after an attempt');
  }
}

async function refresh(
  { contexts, store, log, scrub, now }: AttemptParts,
  { provider, policy, record, reason, force, ignoreFailuresUntil, stop }: AttemptOrder,
  right: Right | undefined,
): Promise<AttemptResult> {
  const before = record();
  let hasAsked = () => false;
  try {
    // Saved before the attempt is made: a crash loop must not become a loop of attempts.
    await store.put(provider.id, before);
    const refreshBefore = leadMs(policy) * (1 + policy.jitter);
    const facts = { reason, force, last: lastOutcome(before), refreshBefore, renewFrom: renewFrom(before, policy) };
    const call = async (signal: AbortSignal) => {
      const watched = watchAsking(holdingRight(contexts.attempt(provider, signal, facts), right));
      ({ hasAsked } = watched);
      return provider.refresh(watched.context);
    };
    const limits = { timeoutMs: toMs(policy.timeout), stop: right ? AbortSignal.any([stop, right.lost]) : stop };
    const returned = await callPlugin(provider, 'refresh', limits, call);
    return { ...resultOf(returned, before, now(), scrub), askedNobody: hasAsked() ? undefined : true };
  } catch (error) {
    log.debug({ session: provider.id, err: error }, 'an attempt failed');
    const ignored = stop.aborted || right?.lost.aborted || now() < ignoreFailuresUntil;
    return { ...failureOf(error, scrub), ignored, askedNobody: hasAsked() ? undefined : true };
  }
}
