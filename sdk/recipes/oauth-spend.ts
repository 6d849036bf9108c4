import { KeepaliveError, offline } from '../errors.ts';
import type { Replacement } from '../files.ts';
import type { RefreshOutcome } from '../provider.ts';
import { fingerprintOf, textAt } from './json-store.ts';
import { judge } from './oauth-answer.ts';
import { forgetSent, noteSent, recallSent, warnOf, type SendingNote } from './oauth-notes.ts';
import { fresh, method, renewed, unavailable } from './oauth-outcome.ts';
import { prepareRequest, type Exchange } from './oauth-request.ts';
import { settle, type Attempt, type Reply } from './oauth-settle.ts';
import { isDue, look, type Credential } from './oauth-source.ts';

/** Longer than one request may take. */
const AT_ONCE_MS = 30_000;
const SETTLE_MS = 300;
const POLL_MS = 100;

/** Spends the refresh token; to be called under the locks, with what was seen before they were taken. */
export async function spend(attempt: Attempt, seen: Credential): Promise<RefreshOutcome> {
  const { source, context, wait } = attempt;
  const credential = await look(source, context, wait);
  if ('absent' in credential) return unavailable(source, credential);
  const { path, refresh, expiresAt } = credential;
  const note = await recallSent(context.files, path, refresh);
  const reply = note?.reply;
  if (!note || !reply) {
    if (credential.fingerprint !== seen.fingerprint || !isDue(source, credential, context)) return fresh(credential);
    if (note && !context.force && expiresAt && context.now() < expiresAt.getTime()) {
      // To send a spent token again may revoke the access token that still works. Once that has expired, nothing is left to lose.
      return { method, status: 'deferred', until: expiresAt, reason: 'The vendor\'s answer was lost. The token is not sent again while the session still works.' };
    }
  }
  const place = await context.files.prepare(source.file);
  try {
    return note && reply ? await install(attempt, path, { ...note, reply }, place) : await send(attempt, credential, place, note !== undefined);
  } finally {
    await place.discard();
  }
}

async function send(attempt: Attempt, credential: Credential, place: Replacement, lostBefore: boolean): Promise<RefreshOutcome> {
  const { source, context } = attempt;
  const { path, refresh } = credential;
  const request = await prepareRequest(source, refresh, context.fetch);
  context.signal.throwIfAborted();
  const at = new Date(context.now());
  const note = await noteSent(context.files, path, refresh, at).catch(async (error: unknown) => {
    if (!lostBefore) await forgetSent(context, path); // What is there of it would say that the token was sent.
    throw error;
  });
  try {
    return await exchange(attempt, credential, place, { request, note, at, lostBefore });
  } finally {
    await note.close();
  }
}

type Sending = { readonly request: () => Promise<Exchange>; readonly note: SendingNote; readonly at: Date; readonly lostBefore: boolean };

async function exchange(attempt: Attempt, credential: Credential, place: Replacement, { request, note, at, lostBefore }: Sending): Promise<RefreshOutcome> {
  const { source, context, wait } = attempt;
  const { path, refresh } = credential;
  let exchange = await request();
  const lost = lostBefore || exchange.kind === 'lost';
  // At once, many servers take it for the same request. Later, as after a sleep of the machine, all would take it for theft.
  if (exchange.kind === 'lost' && !lostBefore && context.now() - at.getTime() < AT_ONCE_MS) {
    const now = await look(source, context, wait);
    if ('absent' in now) return unavailable(source, now);
    if (now.refresh !== refresh) return fresh(now);
    exchange = await request();
  }
  if (exchange.kind !== 'answered') {
    if (!lost) await forgetSent(context, path);
    throw offline({ answer: lost ? 'lost' : 'none' }, exchange.cause);
  }
  const verdict = judge(exchange, source, context.now());
  if (verdict.kind === 'renewed') {
    const { reply } = verdict;
    const received = { sent: fingerprintOf(refresh), at: new Date(context.now()), reply };
    const rotated = (textAt(reply, 'refresh_token') ?? refresh) !== refresh;
    await (rotated ? note.answered(reply, received.at).catch(warnOf(context)) : forgetSent(context, path));
    return install(attempt, path, received, place);
  }
  if (!lost || verdict.kind === 'refused') await forgetSent(context, path);
  switch (verdict.kind) {
    case 'refused': return refused(attempt, refresh, verdict.proof);
    case 'rate-limited': return { method, status: 'rate-limited', retryAt: verdict.retryAt };
    case 'out-of-order': throw offline({ status: exchange.status });
    case 'unexpected': throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status: exchange.status });
  }
}

async function install(attempt: Attempt, path: string, reply: Reply, place: Replacement): Promise<RefreshOutcome> {
  for (const key of ['access_token', 'refresh_token', 'id_token']) {
    const secret = textAt(reply.reply, key);
    if (secret) attempt.context.conceal(secret);
  }
  const { wrote, now } = await settle(attempt, path, reply, place);
  if ('absent' in now) return unavailable(attempt.source, now);
  return wrote ? renewed(now) : fresh(now);
}

/** Whoever else spent the token is about to write down its successor. */
async function refused({ source, context, wait }: Attempt, refresh: string, proof: string): Promise<RefreshOutcome> {
  for (let waited = 0; ; waited += POLL_MS) {
    const now = await look(source, context, wait);
    if ('absent' in now) return unavailable(source, now);
    if (now.refresh !== refresh) return fresh(now);
    if (waited >= (source.settleMs ?? SETTLE_MS)) return { method, status: 'login-required', hint: source.signIn, proof };
    await wait(POLL_MS);
  }
}
