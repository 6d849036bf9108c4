import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { describeTiming } from '../../../sdk/wording/schedule.ts';
import { expiryVerb, loginEndVerb } from '../../../sdk/wording/expiry.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import { describeAttempt } from './attempts.ts';
import { adviceOn, statusCell } from './status.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

const LABEL_WIDTH = 14;

export type CardOptions = {
  /** Where the credential is: a path, or the name of a store. */
  readonly place?: string | undefined;
  /** Whether the session is as a daemon left it, and no daemon runs. */
  readonly isPast?: boolean | undefined;
};

type Fact = readonly [label: string, value: string | undefined];

/** One session with all that is known about it. */
export function renderSession(session: Session, view: View, options: CardOptions = {}): string {
  const { now, paint } = view;
  const { text, style } = statusCell(session, now, options.isPast);
  return [
    `${paint('bold', session.id)}  ${oneLine(session.displayName)}  ${style ? paint(style, text) : text}`,
    ...factsOf(session, now, options).flatMap(([label, value]) => (value ? [renderFact(label, value, view)] : [])),
  ].join('\n');
}

function factsOf(session: Session, now: Instant, { place, isPast = false }: CardOptions): readonly Fact[] {
  const { policy, lastAttempt, nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt } = session;
  const when = (at: Instant | undefined) => (at === undefined ? undefined : relativeAndLocal(at, now));
  const checked = lastAttempt
    ? `${when(lastAttempt.endedAt)}: ${describeAttempt(lastAttempt)}`
    : when(session.lastSuccessAt);
  const next = nextAttemptAt === undefined || isPast ? [] : [when(nextAttemptAt), nextAttemptWhy];
  return [
    ['what to do', adviceOn(session, now)],
    ['checked', checked],
    ['renewed', when(session.lastRenewedAt)],
    ['next check', next.filter(Boolean).join(', ')],
    [expiresAt === undefined ? '' : expiryVerb(expiresAt, now), when(expiresAt)],
    [loginExpiresAt === undefined ? '' : `login ${loginEndVerb(loginExpiresAt, now)}`, when(loginExpiresAt)],
    ['account', session.account],
    ['credential', place],
    ['method', session.method],
    ['plugin', session.added ? `${session.provider}, added with \`keepalive add\`` : session.provider],
    ['schedule', isPast ? undefined : describeTiming(policy)],
  ];
}

function renderFact(label: string, value: string, { width, paint }: View): string {
  const name = `  ${label}`.padEnd(LABEL_WIDTH + 2);
  const text = wrap(oneLine(value), Math.max(20, width - name.length)).replaceAll('\n', `\n${' '.repeat(name.length)}`);
  return paint('dim', name) + text;
}
