import { unreachable } from '../../sdk/base/unreachable.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { describeExpiry, describeLoginEnd } from '../../sdk/wording/expiry.ts';
import { calendarTime } from '../../sdk/wording/time.ts';
import { linesOf, nameLabel, statusLabel } from './labels.ts';
import { SEPARATOR, text, type MenuItem } from './model.ts';
import { capitalized, scheduleMenu } from './schedules.ts';

/** A session with its facts and its actions below it. */
export function sessionMenu(session: Session, all: readonly Session[], now: Instant): MenuItem {
  const { id, state } = session;
  const hint = 'hint' in state && !isPaused(session) ? linesOf(state.hint) : [];
  const facts = factsOf(session, now);
  return {
    label: `${nameLabel(session, all)}: ${statusLabel(session, now)}`,
    items: [
      ...[...hint, ...facts].map(text),
      ...(hint.length + facts.length > 0 ? [SEPARATOR] : []),
      { label: 'Refresh now', action: { do: 'refresh', ids: [id] } },
      ...controls(session),
      scheduleMenu(session),
    ],
  };
}

export const isPaused = ({ state }: Session): boolean => state.name === 'halted' && state.why === 'paused';

function factsOf(session: Session, now: Instant): readonly string[] {
  const { state, account, expiresAt, loginExpiresAt, lastSuccessAt, lastRenewedAt } = session;
  // Once a login is required, the expiry of the old credential is of no use.
  const isOver = state.name === 'halted' && state.why === 'login-required';
  const known = (at: Instant | undefined, describe: (at: Instant) => string) =>
    at === undefined ? [] : [describe(at)];
  const ends = isOver
    ? []
    : [
        ...known(expiresAt, at => describeExpiry(at, now, calendarTime)),
        ...known(loginExpiresAt, at => describeLoginEnd(at, now, calendarTime)),
      ];
  return [
    ...(account === undefined ? [] : [account]),
    ...known(lastSuccessAt, at => capitalized(`checked ${calendarTime(at, now)}`)),
    ...known(lastRenewedAt, at => capitalized(`renewed ${calendarTime(at, now)}`)),
    ...ends.map(capitalized),
  ];
}

/** Pause, resume, or both. */
function controls({ id, state }: Session): readonly MenuItem[] {
  const pause: MenuItem = { label: 'Pause', action: { do: 'pause', ids: [id] } };
  const resume = (label: string): MenuItem => ({ label, action: { do: 'resume', ids: [id] } });
  if (state.name !== 'halted') return [pause];
  if (state.disabled) return [{ label: 'Resume', action: { do: 'configure', id, policy: { enabled: true } } }];
  switch (state.why) {
    case 'paused':
      return [resume('Resume')];
    case 'too-many-failures':
      return [resume('Try again'), pause];
    case 'login-required':
    case 'unavailable':
      return [pause];
    default:
      return unreachable(state);
  }
}
