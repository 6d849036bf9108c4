import { unreachable } from '../../sdk/base/unreachable.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { CONTROL_LABELS, controlsOf, isPaused, type Control } from '../../sdk/wording/controls.ts';
import { describeEnds } from '../../sdk/wording/expiry.ts';
import { capitalized } from '../../sdk/wording/sentence.ts';
import { nameLabel, statusLabel } from '../../sdk/wording/session-line.ts';
import { adviceIn, offersSignIn } from '../../sdk/wording/sign-in-advice.ts';
import { calendarTime } from '../../sdk/wording/time.ts';
import { linesOf, SEPARATOR, text, type Action, type MenuItem, type Snapshot } from './model.ts';
import { scheduleMenu } from './schedules.ts';

/** A session with its facts and its actions below it. */
export function sessionMenu(session: Session, { sessions, notices, hasPage }: Snapshot, now: Instant): MenuItem {
  const { id } = session;
  const hint = isPaused(session) ? [] : linesOf(adviceIn(session) ?? '');
  const facts = factsOf(session, now);
  return {
    label: `${nameLabel(session, sessions)}: ${statusLabel(session, now)}`,
    items: [
      ...[...hint, ...facts].map(text),
      ...(hint.length + facts.length > 0 ? [SEPARATOR] : []),
      ...(hasPage && offersSignIn(session, notices)
        ? [{ label: 'Sign in…', action: { do: 'sign-in', id } } as const]
        : []),
      { label: 'Refresh now', action: { do: 'refresh', ids: [id] } },
      ...controls(session),
      scheduleMenu(session),
    ],
  };
}

function factsOf(session: Session, now: Instant): readonly string[] {
  const { account, lastSuccessAt, lastRenewedAt } = session;
  const known = (at: Instant | undefined, describe: (at: Instant) => string) =>
    at === undefined ? [] : [describe(at)];
  return [
    ...(account === undefined ? [] : [account]),
    ...known(lastSuccessAt, at => capitalized(`checked ${calendarTime(at, now)}`)),
    ...known(lastRenewedAt, at => capitalized(`renewed ${calendarTime(at, now)}`)),
    ...describeEnds(session, now, calendarTime).map(capitalized),
  ];
}

/** Pause, resume, or both. */
const controls = ({ id, state }: Session): readonly MenuItem[] =>
  controlsOf({ state }).map(control => ({ label: CONTROL_LABELS[control], action: controlAction(control, id) }));

function controlAction(control: Control, id: string): Action {
  switch (control) {
    case 'pause':
      return { do: 'pause', ids: [id] };
    case 'resume':
    case 'retry':
      return { do: 'resume', ids: [id] };
    case 'enable':
      return { do: 'configure', id, policy: { enabled: true } };
    default:
      return unreachable(control);
  }
}
