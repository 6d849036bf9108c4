import { setTimeout as sleep } from 'node:timers/promises';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { isKeepaliveError } from '../../../sdk/contract/errors.ts';
import { toMs } from '../../../sdk/contract/duration.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { obstacleOf } from '../../../sdk/gate/known-end.ts';
import type { CommandContext } from '../context/command.ts';

type Limits = {
  /** How long a session has to last, in milliseconds. */
  readonly min: number;
  /** How long the renewals may take together, in milliseconds. */
  readonly wait: number;
};

type Gate = Pick<CommandContext, 'kernel' | 'disconnect' | 'letGo' | 'now'>;

/**
 * The sessions as their credentials are, once those are renewed that are due or end too soon: by the daemon, or by one
 * attempt of a kernel for this command. A renewal that takes longer goes on without us.
 */
export async function renewFirst(
  context: Gate,
  client: KeepaliveClient,
  ids: readonly string[],
  { min, wait }: Limits,
): Promise<readonly Session[]> {
  const deadline = context.now() + wait;
  // A client knows this only while it is connected.
  const isDaemon = client.origin !== undefined;
  try {
    return await renewOnce(context, client, ids, { min, wait });
  } catch (error) {
    const remaining = deadline - context.now();
    if (!isDaemon || !isLost(error) || remaining <= 0) throw error;
    // The daemon has ended. Another one may have taken its place.
    await context.disconnect();
    return renewFirst(context, await context.kernel({ mayOutlive: true }), ids, { min, wait: remaining });
  }
}

const isLost = (error: unknown): boolean => isKeepaliveError(error) && error.code === 'KA_RPC_CONNECTION_LOST';

async function renewOnce(
  context: Gate,
  client: KeepaliveClient,
  ids: readonly string[],
  { min, wait }: Limits,
): Promise<readonly Session[]> {
  const before = await lookAt(client, ids);
  const due = before.filter(session => isWorthAnAttempt(session, min, context.now()));
  if (due.length === 0) return before;
  const deadline = context.now() + wait;
  const renewing = await ableToRenew(context, client);
  const renewals = Promise.all(
    due.map(session => renew(renewing, session.id, isWorthForcing(session, min, context.now()))),
  );
  if (!(await settledWithin(renewals, wait))) {
    const meanwhile = await lookAt(renewing, ids);
    context.letGo();
    return meanwhile;
  }
  const until = Math.min(deadline, context.now() + OTHERS_MS);
  for (;;) {
    const after = await lookAt(renewing, ids);
    const obstructed = after.filter(session => obstacleOf(session, min, context.now()) !== undefined);
    // One that cannot change keeps the job from starting. The others need not be waited for.
    const isPending = obstructed.length > 0 && obstructed.every(mayBeRenewedNow);
    if (!isPending || context.now() >= until) return after;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Another job, or the owner, may be renewing the same credential at this moment. It is done within this time. */
const OTHERS_MS = 5_000;
const LOOK_AGAIN_MS = 200;

const mayBeRenewedNow = ({ state }: Session): boolean =>
  state.name === 'idle' || state.name === 'refreshing' || (state.name === 'waiting' && state.why === 'deferred');

const lookAt = (client: KeepaliveClient, ids: readonly string[]): Promise<readonly Session[]> =>
  Promise.all(ids.map(id => client.request('session/look', { id })));

/** A kernel in this process only looks, because a signal would end it in the middle of a renewal. */
async function ableToRenew({ kernel, disconnect }: Gate, client: KeepaliveClient): Promise<KeepaliveClient> {
  if (client.origin !== undefined) return client;
  await disconnect();
  return kernel({ mayOutlive: true });
}

function isWorthAnAttempt(session: Session, min: number, now: Instant): boolean {
  const { state, method } = session;
  if (state.name === 'refreshing') return true;
  if ((state.wakeAt ?? Infinity) <= now) return true;
  // Only a login helps one that is halted or observed.
  const isRenewable = state.name !== 'halted' && method !== 'observe';
  return isRenewable && (session.lastAttempt === undefined || endsWithin(session, min, now));
}

/**
 * Whether to renew a credential that is not due. Not within the minimum interval, and not if the last renewal has shown
 * that none lasts so long.
 */
function isWorthForcing(session: Session, min: number, now: Instant): boolean {
  const { expiresAt = Infinity, lastRenewedAt, lastAttempt, policy } = session;
  if (session.method === 'observe' || !endsWithin(session, min, now)) return false;
  const isTooShort = lastRenewedAt !== undefined && expiresAt - lastRenewedAt < min;
  return !isTooShort && (lastAttempt === undefined || lastAttempt.endedAt + toMs(policy.minInterval) <= now);
}

const endsWithin = ({ expiresAt }: Session, min: number, now: Instant): boolean =>
  expiresAt !== undefined && expiresAt < now + min;

/** An attempt that comes too early is none, and the session is judged as it is. */
async function renew(client: KeepaliveClient, id: string, force: boolean): Promise<void> {
  try {
    await client.request('session/refresh', { id, force });
  } catch (error) {
    if (!isKeepaliveError(error) || error.code !== 'KA_RATE_LIMITED') throw error;
  }
}

async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
    // It may fail later, when its connection is closed.
    work.catch(() => undefined);
  }
}
