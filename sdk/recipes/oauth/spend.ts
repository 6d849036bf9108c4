import { KeepaliveError, offline } from '../../contract/errors.ts';
import type { Replacement } from '../../plugin/files.ts';
import type { RefreshOutcome } from '../../contract/outcome.ts';
import { intercepted } from '../http/intercepted.ts';
import { fingerprintOf } from '../store/json-store.ts';
import { classify } from './classify.ts';
import { forgetSent, noteSent, warnOf, type ResponseNote, type SendingNote } from './journal-notes.ts';
import { fresh, method, renewed, unavailable } from './outcomes.ts';
import { isRotated, recall, deferSpent } from './recall.ts';
import { prepareRequest, type Exchange } from './request.ts';
import { concealTokens, settle, type RedeemRun, type Reply } from './settle.ts';
import { isDue, readCredential } from './read-credential.ts';
import type { Credential } from './token-file.ts';

/** Longer than one request can take. */
const AT_ONCE_MS = 30_000;
const SETTLE_MS = 300;
const POLL_MS = 100;

/** Spends the refresh token. To be called under the locks, with the credential that was seen before they were taken. */
export async function spend(attempt: RedeemRun, seen: Credential): Promise<RefreshOutcome> {
  const { source, context, wait } = attempt;
  const credential = await readCredential(source, context, wait);
  if ('absent' in credential) return unavailable(source, credential);
  const recalled = await recall(source, context, credential);
  if (recalled.kind !== 'successor') {
    if (credential.fingerprint !== seen.fingerprint || !isDue(source, credential, context)) return fresh(credential);
    const deferral = recalled.kind === 'spent' && deferSpent(recalled, credential, context);
    if (deferral) return deferral;
  }
  const place = await context.files.prepare(source.file);
  try {
    if (recalled.kind === 'successor') return await install(attempt, credential.path, recalled.reply, place);
    return await send(attempt, credential, place, recalled.kind === 'spent');
  } finally {
    await place.discard();
  }
}

async function send(
  attempt: RedeemRun,
  credential: Credential,
  place: Replacement,
  lostBefore: boolean,
): Promise<RefreshOutcome> {
  const { source, context } = attempt;
  const { path, refresh } = credential;
  const request = await prepareRequest(source, refresh, context.fetch);
  context.signal.throwIfAborted();
  const at = new Date(context.now());
  const note = await noteSent(context.files, refresh, at).catch(async (error: unknown) => {
    // A half-written note would say that the token was sent.
    if (!lostBefore) await forgetSent(context, path, fingerprintOf(refresh));
    throw error;
  });
  try {
    return await exchange(attempt, credential, place, { request, note, at, lostBefore });
  } finally {
    await note.close();
  }
}

type Sending = {
  readonly request: () => Promise<Exchange>;
  readonly note: SendingNote;
  readonly at: Date;
  readonly lostBefore: boolean;
};

async function exchange(
  attempt: RedeemRun,
  credential: Credential,
  place: Replacement,
  { request, note, at, lostBefore }: Sending,
): Promise<RefreshOutcome> {
  const { source, context, wait } = attempt;
  const { path, refresh } = credential;
  const sent = fingerprintOf(refresh);
  let exchange = await request();
  const lost = lostBefore || exchange.kind === 'lost' || exchange.kind === 'garbled';
  // An immediate retry is usually accepted as the same request; a late one looks like token reuse.
  if (exchange.kind === 'lost' && !lostBefore && context.now() - at.getTime() < AT_ONCE_MS) {
    const now = await readCredential(source, context, wait);
    if ('absent' in now) return unavailable(source, now);
    if (now.refresh !== refresh) return fresh(now);
    exchange = await request();
  }
  if (exchange.kind !== 'answered') {
    if (!lost) await forgetSent(context, path, sent);
    throw offline({ answer: lost ? 'lost' : 'none' }, exchange.cause);
  }
  // The life of the new token begins before the answer arrives: the machine may have slept, or its clock been set back.
  const began = new Date(Math.min(at.getTime(), context.now()));
  const answered = { answer: exchange.answer, at: began, isLost: lost };
  // Store the whole response before we interpret it: one that we don't understand may have the only successor.
  await note.answered(answered).catch(warnOf(context));
  const verdict = await classify(answered.answer, source, { now: context.now(), sent: refresh });
  if (verdict.kind === 'renewed') {
    const reply = { sent, at: answered.at, reply: verdict.reply };
    if (!isRotated(reply.reply, refresh)) await forgetSent(context, path, sent);
    return install(attempt, path, reply, place);
  }
  if (verdict.kind === 'refused' || (!lost && verdict.kind !== 'unclear')) await forgetSent(context, path, sent);
  switch (verdict.kind) {
    case 'refused':
      return refused(attempt, refresh, verdict.proof);
    case 'rate-limited':
      return { method, status: 'rate-limited', retryAt: verdict.retryAt };
    case 'intercepted':
      throw intercepted(verdict.details);
    case 'server-error':
      throw offline(verdict.details);
    case 'unexpected':
      throw new KeepaliveError('KA_UNEXPECTED_ANSWER', verdict.details);
    case 'unclear':
      return concludeUnclear(attempt, credential, answered);
  }
}

function concludeUnclear({ context }: RedeemRun, credential: Credential, { answer, at }: ResponseNote): RefreshOutcome {
  const { status } = answer;
  const deferral = deferSpent({ kind: 'spent', why: 'unclear', since: at, status }, credential, context);
  if (deferral) return deferral;
  throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { status, reason: 'No token was found in it.' });
}

async function install(attempt: RedeemRun, path: string, reply: Reply, place: Replacement): Promise<RefreshOutcome> {
  concealTokens(attempt.context, reply.reply);
  const { wrote, now } = await settle(attempt, path, reply, place);
  if ('absent' in now) return unavailable(attempt.source, now);
  return wrote ? renewed(now) : fresh(now);
}

/** If another program has spent the token, it is about to store the successor. */
async function refused({ source, context, wait }: RedeemRun, refresh: string, proof: string): Promise<RefreshOutcome> {
  for (let waited = 0; ; waited += POLL_MS) {
    const now = await readCredential(source, context, wait);
    if ('absent' in now) return unavailable(source, now);
    if (now.refresh !== refresh) return fresh(now);
    if (waited >= (source.settleMs ?? SETTLE_MS))
      return { method, status: 'login-required', hint: source.signIn, proof };
    await wait(POLL_MS);
  }
}
