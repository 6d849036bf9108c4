import { KeepaliveError, offline } from '../errors.ts';
import type { InspectContext, Inspection, ProviderContext, RefreshOutcome } from '../provider.ts';
import { askPages, type Answer } from './cookie-ask.ts';
import { cookiesIn, hasEnded, readJar, setCookies, type JarFile } from './cookie-jar.ts';
import { dueAt } from './due.ts';
import { fingerprintOf, realWait, type Wait } from './json-store.ts';

/** A session of a web site that lives in a file of cookies, and stays alive by being used. */
export type CookieSession = {
  readonly jar: string;
  /** Pages that only a living session gets; asked one after the other until one says that it lives. */
  readonly pings: readonly string[];
  /** Values in the JSON answer, by keys joined with dots, any of which proves the session. Where left out, status 200 does. */
  readonly alive?: readonly string[] | undefined;
  /** The cookies that carry the session. [those sent with the pings that scripts cannot read, or all of them] */
  readonly cookies?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the person does to sign in, as a sentence. */
  readonly signIn: string;
};

type Look = JarFile & { readonly expiresAt: Date | undefined; readonly fingerprint: string };

const method = 'ping';
/** Shorter ones are settings, and hiding `1` or `en` would make every log unreadable. */
const SHORTEST_SECRET = 8;

/** Uses the session where that is due, and keeps what the site sets. */
export async function ping(session: CookieSession, context: ProviderContext, wait: Wait = realWait): Promise<RefreshOutcome> {
  const seen = await look(session, context, wait);
  if (!seen) return { method, status: 'unavailable', hint: session.signIn };
  if (!isDue(seen, context)) return { method, status: 'fresh', expiresAt: seen.expiresAt };
  const release = await context.files.lock(`${seen.path}.lock`);
  if (!release) return { method, status: 'deferred', reason: 'Another program holds the lock of the cookies.' };
  try {
    return await use(session, context, wait);
  } finally {
    await release();
  }
}

async function use(session: CookieSession, context: ProviderContext, wait: Wait): Promise<RefreshOutcome> {
  const before = await look(session, context, wait);
  if (!before) return { method, status: 'unavailable', hint: session.signIn };
  if (!isDue(before, context)) return { method, status: 'fresh', expiresAt: before.expiresAt };
  const place = await context.files.prepare(session.jar);
  try {
    const answer = await askPages(session, context, before.jar);
    if (answer.kind !== 'alive') return conclude(session, answer);
    // What somebody else wrote meanwhile stays: only what the site set is put into it.
    const current = (await look(session, context, wait)) ?? before;
    await setCookies(current.jar, answer.cookies, answer.url, context.now());
    if (answer.cookies.length > 0) await place.commit(await current.format());
    return judge(before, (await look(session, context, wait)) ?? before, context);
  } finally {
    await place.discard();
  }
}

/** Looks at the cookies: whether there are any, and until when. */
export async function inspectCookies(session: CookieSession, context: InspectContext, wait: Wait = realWait): Promise<Inspection> {
  const seen = await look(session, context, wait);
  if (!seen) return { present: false, store: context.files.resolve(session.jar), method, hint: session.signIn };
  return { present: true, store: seen.path, method, expiresAt: seen.expiresAt, fingerprint: seen.fingerprint };
}

async function look({ jar: file, cookies: names, pings }: CookieSession, { files, conceal, now }: InspectContext, wait: Wait): Promise<Look | undefined> {
  const found = await readJar(files, file, wait);
  if (!found) return undefined;
  const all = await cookiesIn(found.jar);
  for (const { value } of all) if (value.length >= SHORTEST_SECRET) conceal(value);
  const sent = (await Promise.all(pings.map(url => found.jar.getCookies(url, { expire: false })))).flat();
  const httpOnly = sent.filter(cookie => cookie.httpOnly);
  const carrying = names ? sent.filter(({ key }) => names.includes(key)) : httpOnly.length > 0 ? httpOnly : sent;
  if (carrying.length === 0) return undefined;
  // An ended one that nobody tidied up says nothing of a session whose other cookies live.
  const living = carrying.filter(cookie => !hasEnded(cookie, now()));
  const ends = (living.length > 0 ? living : carrying).flatMap(({ expires }) => (expires instanceof Date ? expires.getTime() : []));
  return {
    ...found,
    expiresAt: ends.length > 0 ? new Date(Math.min(...ends)) : undefined,
    fingerprint: fingerprintOf(...carrying.map(({ key, value }) => `${key}=${value}`).toSorted()),
  };
}

function isDue({ expiresAt }: Look, { force, now, last, refreshBefore, reason }: ProviderContext): boolean {
  const due = dueAt({ expiresAt, last }, refreshBefore);
  return force || (due === undefined ? reason !== 'changed' : now() >= due);
}

function conclude({ signIn }: CookieSession, answer: Exclude<Answer, { kind: 'alive' }>): RefreshOutcome {
  switch (answer.kind) {
    case 'rate-limited': return { method, status: 'rate-limited', retryAt: answer.retryAt };
    case 'refused': return { method, status: 'login-required', hint: signIn, proof: `The site answered ${answer.status}.` };
    case 'offline': throw offline({ status: answer.status }, answer.cause);
    case 'unexpected': throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status: answer.status });
  }
}

/** A session that lives, but no longer than before, has to be told of where it was about to end. */
function judge(before: Look, { expiresAt }: Look, context: ProviderContext): RefreshOutcome {
  if (!before.expiresAt || !expiresAt || expiresAt > before.expiresAt) return { method, status: 'refreshed', expiresAt };
  if (isDue(before, { ...context, force: false })) throw new KeepaliveError('KA_INEFFECTIVE', { expiresAt: expiresAt.toISOString() });
  return { method, status: 'fresh', expiresAt };
}
