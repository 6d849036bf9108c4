import type { Attempt, Instant, Session } from '../../../sdk/contract/session.ts';
import { describeOutcome } from '../../../sdk/wording/attempt.ts';
import { describeTiming } from '../../../sdk/wording/schedule.ts';
import { describeWarnings } from '../../../sdk/wording/deadlines.ts';
import { expiryVerb, loginEndVerb } from '../../../sdk/wording/expiry.ts';
import { clause } from '../../../sdk/wording/sentence.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import { describeAttempt, succeeded } from './attempts.ts';
import { adviceOn, statusCell } from './status.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

const LABEL_WIDTH = 14;

export type CardOptions = {
  /** Where the credential is: a path, or the name of a store. */
  readonly place?: string | undefined;
  /** Whether the session is as a daemon left it, and no daemon runs. */
  readonly isPast?: boolean | undefined;
  /** Adapts what to do, as for a session of another machine. */
  readonly adapt?: ((advice: string) => string) | undefined;
};

type Fact = readonly [label: string, value: string | undefined];

/** One session with all that is known about it. */
export function renderSession(session: Session, view: View, options: CardOptions = {}): string {
  const { now, paint } = view;
  const { text, style } = statusCell(session, now, options.isPast);
  return [
    `${paint('bold', session.id)}  ${nameOf(session)}${style ? paint(style, text) : text}`,
    ...factsOf(session, now, options).flatMap(([label, value]) => (value ? [renderFact(label, value, view)] : [])),
  ].join('\n');
}

const same = (text: string): string => text;

/** Sessions without a name of their own are named by their id, which is there already. */
const nameOf = ({ id, displayName }: Session): string => (displayName === id ? '' : `${oneLine(displayName)}  `);

function factsOf(
  session: Session,
  now: Instant,
  { place, isPast = false, adapt = same }: CardOptions,
): readonly Fact[] {
  const { policy, lastAttempt, nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt } = session;
  const when = (at: Instant | undefined) => (at === undefined ? undefined : relativeAndLocal(at, now));
  const next = nextAttemptAt === undefined || isPast ? [] : [when(nextAttemptAt), nextAttemptWhy];
  const failed = lastAttempt && !succeeded(lastAttempt) ? lastAttempt : undefined;
  const advice = adviceOn(session, now) ?? offAdvice(session);
  return [
    ['what to do', advice && adapt(advice)],
    ['last attempt', failed && `${when(failed.endedAt)}: ${resultOf(failed, advice)}`],
    ['checked', when(session.lastSuccessAt)],
    ['renewed', when(session.lastRenewedAt)],
    ['next attempt', next.filter(Boolean).join(', ')],
    [expiresAt === undefined ? '' : expiryVerb(expiresAt, now), when(expiresAt)],
    [loginExpiresAt === undefined ? '' : `login ${loginEndVerb(loginExpiresAt, now)}`, when(loginExpiresAt)],
    ['before that', loginExpiresAt === undefined || isPast || advice ? undefined : session.renew],
    ['warnings', loginExpiresAt === undefined || isPast ? undefined : describeWarnings(policy)],
    ['account', session.account],
    ['credential', place],
    ['method', session.method],
    ['plugin', session.added ? `${session.provider}, added with \`keepalive add\`` : session.provider],
    ['schedule', isPast ? undefined : describeTiming(policy)],
  ];
}

/** The result, without a reason that the advice has already. */
const resultOf = (attempt: Attempt, advice = ''): string =>
  attempt.message !== undefined && advice.includes(clause(attempt.message))
    ? describeOutcome(attempt)
    : describeAttempt(attempt);

/** How a session that the user has switched off is kept alive again. */
export function offAdvice({ id, state }: Session): string | undefined {
  if (state.name !== 'halted' || state.why !== 'paused') return undefined;
  return state.disabled
    ? `It is switched off by its policy. To keep it alive, run \`keepalive set ${id} enabled=true\`.`
    : `To keep it alive again, run \`keepalive resume ${id}\`.`;
}

function renderFact(label: string, value: string, { width, paint }: View): string {
  const name = `  ${label}`.padEnd(LABEL_WIDTH + 2);
  const text = wrap(oneLine(value), Math.max(20, width - name.length)).replaceAll('\n', `\n${' '.repeat(name.length)}`);
  return paint('dim', name) + text;
}
