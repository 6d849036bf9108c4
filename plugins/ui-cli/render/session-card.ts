import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { describeTiming } from '../../../sdk/wording/schedule.ts';
import { expiryVerb, loginEndVerb } from '../../../sdk/wording/expiry.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import { describeAttempt } from './attempts.ts';
import { adviceOn, statusCell } from './status.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

const LABEL_WIDTH = 14;

/** One session with all that is known about it. */
export function renderSession(session: Session, view: View): string {
  const { now, paint } = view;
  const { text, style } = statusCell(session, now);
  return [
    `${paint('bold', session.id)}  ${oneLine(session.displayName)}  ${style ? paint(style, text) : text}`,
    ...factsOf(session, now).flatMap(([label, value]) => (value ? [renderFact(label, value, view)] : [])),
  ].join('\n');
}

function factsOf(session: Session, now: Instant): readonly (readonly [label: string, value: string | undefined])[] {
  const { policy, lastAttempt, nextAttemptAt, nextAttemptWhy, lastSuccessAt, expiresAt, loginExpiresAt } = session;
  const when = (at: Instant | undefined) => (at === undefined ? undefined : relativeAndLocal(at, now));
  return [
    ['account', session.account],
    ['what to do', adviceOn(session, now)],
    ['last check', lastAttempt && `${when(lastAttempt.endedAt)}: ${describeAttempt(lastAttempt)}`],
    ['last success', when(lastSuccessAt)],
    [
      'next check',
      nextAttemptAt === undefined ? undefined : [when(nextAttemptAt), nextAttemptWhy].filter(Boolean).join(', '),
    ],
    [expiresAt === undefined ? '' : expiryVerb(expiresAt, now), when(expiresAt)],
    [loginExpiresAt === undefined ? '' : `login ${loginEndVerb(loginExpiresAt, now)}`, when(loginExpiresAt)],
    ['method', session.method],
    ['plugin', session.added ? `${session.provider}, added with \`keepalive add\`` : session.provider],
    ['schedule', describeTiming(policy)],
  ];
}

function renderFact(label: string, value: string, { width, paint }: View): string {
  const name = `  ${label}`.padEnd(LABEL_WIDTH + 2);
  const text = wrap(oneLine(value), Math.max(20, width - name.length)).replaceAll('\n', `\n${' '.repeat(name.length)}`);
  return paint('dim', name) + text;
}
