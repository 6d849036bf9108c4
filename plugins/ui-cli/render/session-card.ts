import type { Session } from '../../../sdk/contract/session.ts';
import { describeAttempt } from './attempts.ts';
import { describeSchedule } from './schedule.ts';
import { sessionCell, whatToDo } from './state.ts';
import { relativeAndLocal } from './time.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

const LABEL_WIDTH = 14;

/** One session with everything that is known of it. */
export function renderSession(session: Session, view: View): string {
  const { now, paint } = view;
  const when = (at: number | undefined) => (at === undefined ? undefined : relativeAndLocal(at, now));
  const state = sessionCell(session, now);
  const { policy, lastAttempt, nextAttemptAt, nextAttemptWhy } = session;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['what to do', whatToDo(session, now)],
    ['last attempt', lastAttempt && `${when(lastAttempt.endedAt)}: ${describeAttempt(lastAttempt)}`],
    ['refreshed', when(session.lastSuccessAt)],
    [
      'next attempt',
      nextAttemptAt === undefined ? undefined : [when(nextAttemptAt), nextAttemptWhy].filter(Boolean).join(', '),
    ],
    ['expires', when(session.expiresAt)],
    ['login ends', when(session.loginExpiresAt)],
    ['method', session.method],
    ['plugin', session.provider],
    [
      'schedule',
      `${describeSchedule(policy.schedule)}${policy.renewEarly ? ', and from half of a known life on' : ''}`,
    ],
  ];
  return [
    `${paint('bold', session.id)}  ${oneLine(session.displayName)}  ${state.style ? paint(state.style, state.text) : state.text}`,
    ...facts.flatMap(([label, value]) => (value ? [fact(label, value, view)] : [])),
  ].join('\n');
}

function fact(label: string, value: string, { width, paint }: View): string {
  const name = `  ${label}`.padEnd(LABEL_WIDTH + 2);
  const text = wrap(oneLine(value), Math.max(20, width - name.length)).replaceAll('\n', `\n${' '.repeat(name.length)}`);
  return paint('dim', name) + text;
}
