import { KeepaliveError } from '../../contract/errors.ts';
import type { Cleanup } from '../../base/cleanup.ts';
import type { Inspection, RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { errorOf } from '../http/ask.ts';
import { askPages, type Refusal, type Pages } from './ask-pages.ts';
import { readLifetime, type CookieLifetime } from './cookie-lifetime.ts';
import { lockBeside, type CookieStore, type OpenCookies } from './cookie-store.ts';
import { dueAt } from '../store/lifetime.ts';
import { staleAt } from '../store/held-lock.ts';
import { realWait, type Wait } from '../store/json-store.ts';

/** A session of a web site that lives in cookies and stays alive by being used. */
export type CookieSession = Pages & {
  readonly store: CookieStore;
  /** The names of the cookies that carry the session. [those that scripts cannot read, or else all] */
  readonly sessionCookies?: readonly string[] | undefined;
  /** What the user does to sign in again, as a sentence. */
  readonly signIn: string;
};

type StoredSession = CookieLifetime & { readonly store: string };
type NoCookies = { readonly store: string; readonly hint: string };

const method = 'ping';

/** Uses the session if that is due, and stores the cookies that the site sets. */
export async function ping(
  session: CookieSession,
  context: ProviderContext,
  wait: Wait = realWait,
): Promise<RefreshOutcome> {
  const idle = await whileIdle(session, context, wait);
  if ('status' in idle) return idle;
  const release = await session.store.lock(context, idle.store);
  if (!release) {
    const until = await staleAt(context, lockBeside(idle.store));
    return { method, status: 'deferred', until, reason: 'Another program holds the lock of the cookies.' };
  }
  try {
    const before = await whileIdle(session, context, wait);
    return 'status' in before ? before : await use(session, context, wait, before);
  } finally {
    await release();
  }
}

/** The outcome if there is nothing to do, or else the cookies to use. */
async function whileIdle(
  session: CookieSession,
  context: ProviderContext,
  wait: Wait,
): Promise<RefreshOutcome | StoredSession> {
  const seen = await readSession(session, context, wait);
  if ('hint' in seen) return { method, status: 'unavailable', hint: seen.hint };
  return isDue(seen, context) ? seen : { method, status: 'fresh', expiresAt: seen.expiresAt };
}

async function use(
  session: CookieSession,
  context: ProviderContext,
  wait: Wait,
  before: StoredSession,
): Promise<RefreshOutcome> {
  const open = await session.store.open(context, wait);
  if ('hint' in open) return { method, status: 'unavailable', hint: open.hint };
  try {
    const answer = await askTwice(session, context, open);
    if (answer.kind !== 'alive') return conclude(session, answer, before);
    await open.keep(answer.settings);
    const after = await readSession(session, context, wait);
    return judge(before, 'hint' in after ? before : after, context);
  } finally {
    await open.close();
  }
}

/** Believes a 401 only if the stored cookies are still the ones we sent. Their owner may have renewed them. */
async function askTwice(session: CookieSession, context: ProviderContext, open: OpenCookies) {
  const answer = await askPages(session, context, open.jar);
  const renewed = answer.kind === 'refused' ? await open.again() : undefined;
  return renewed ? askPages(session, context, renewed) : answer;
}

/** Only watches. */
export async function observeCookies(
  session: CookieSession,
  context: ProviderContext,
  wait: Wait = realWait,
): Promise<RefreshOutcome> {
  const seen = await readSession(session, context, wait);
  if ('hint' in seen) return { method: 'observe', status: 'unavailable', hint: seen.hint };
  const { lives, expiresAt } = seen;
  if (lives || !expiresAt) return { method: 'observe', status: 'fresh', expiresAt };
  return {
    method: 'observe',
    status: 'login-required',
    hint: session.signIn,
    proof: `The cookies ended on ${expiresAt.toISOString()}.`,
  };
}

/** Inspects the cookies without using them. */
export async function inspectCookies(
  session: CookieSession,
  context: InspectContext,
  wait: Wait = realWait,
): Promise<Inspection> {
  const seen = await readSession(session, context, wait);
  if ('hint' in seen) return { present: false, ...seen, method };
  const { store, expiresAt, fingerprint } = seen;
  return { present: true, store, method, expiresAt, fingerprint, renew: session.signIn };
}

export const watchCookies = ({ store }: CookieSession, context: InspectContext, changed: () => void): Cleanup =>
  store.watch(context, changed);

async function readSession(
  session: CookieSession,
  context: InspectContext,
  wait: Wait,
): Promise<StoredSession | NoCookies> {
  const { store, jar, hint = session.signIn } = await session.store.look(context, wait);
  const life = jar && (await readLifetime(jar, session, context.now()));
  return life ? { ...life, store } : { store, hint };
}

function isDue({ expiresAt, issuedAt }: CookieLifetime, context: ProviderContext): boolean {
  const { force, now, last, renewFrom = Infinity, reason } = context;
  if (force) return true;
  // Using a session costs nothing. It is due from half of its life on, in case the machine is asleep at the end.
  const half = (issuedAt && dueAt({ expiresAt, issuedAt }, Infinity)) ?? Infinity;
  if (expiresAt) return now() >= Math.min(half, renewFrom) || isEnding({ expiresAt }, context);
  // After our own write nothing is due. After a user's new sign-in it is.
  return reason !== 'changed' || (last?.status !== 'refreshed' && last?.status !== 'fresh');
}

function conclude({ signIn }: CookieSession, answer: Refusal, { lives, expiresAt }: CookieLifetime): RefreshOutcome {
  const over = (proof: string): RefreshOutcome => ({ method, status: 'login-required', hint: signIn, proof });
  // If the cookies have expired, no unexpected page can mean that the session is alive.
  const ended =
    !lives &&
    expiresAt &&
    `The cookies ended on ${expiresAt.toISOString()}, and the site does not take the session for alive.`;
  switch (answer.kind) {
    case 'rate-limited':
      return { method, status: 'rate-limited', retryAt: answer.retryAt };
    case 'refused':
      return over(`The site answered ${answer.status}.`);
    case 'intercepted':
      if (ended) return over(ended);
      throw errorOf(answer);
    case 'offline':
      throw errorOf(answer);
    case 'unexpected':
      if (ended) return over(ended);
      throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status: answer.status, leadsTo: answer.leadsTo });
  }
}

/** Whether it expires so soon that a renewal has to extend it. */
function isEnding(
  { expiresAt }: Pick<CookieLifetime, 'expiresAt'>,
  { last, refreshBefore, now }: ProviderContext,
): boolean {
  const due = dueAt({ expiresAt, last }, refreshBefore);
  return due !== undefined && now() >= due;
}

/** Alive but not extended: an error only if it was due. */
function judge(before: CookieLifetime, { expiresAt }: CookieLifetime, context: ProviderContext): RefreshOutcome {
  if (!before.expiresAt || !expiresAt || expiresAt > before.expiresAt)
    return { method, status: 'refreshed', expiresAt };
  if (isEnding(before, context)) throw new KeepaliveError('KA_INEFFECTIVE', { expiresAt: expiresAt.toISOString() });
  return { method, status: 'fresh', expiresAt };
}
