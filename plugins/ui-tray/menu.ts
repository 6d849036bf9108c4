import { printable } from '../../sdk/base/printable.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import type { Instant, Notice, Session } from '../../sdk/contract/session.ts';
import { describeExpiry, describeLoginEnd } from '../../sdk/wording/expiry.ts';
import { describeSessions } from '../../sdk/wording/overview.ts';
import { calendarTime } from '../../sdk/wording/time.ts';
import { linesOf, nameLabel, statusLabel } from './labels.ts';
import type { IconState, MenuItem, Snapshot, TrayModel } from './model.ts';
import { capitalized, scheduleMenu, SEPARATOR } from './schedules.ts';

/** The menu. Without a snapshot no daemon answers. `refusal` is why it refused the last action. */
export function trayModel(snapshot: Snapshot | undefined, now: Instant, refusal?: string): TrayModel {
  const { title, icon, items } = snapshot ? modelOf(snapshot, now, refusal) : NOT_RUNNING;
  return { title: safeLabel(title), icon, items: items.map(withSafeLabels) };
}

/** Names, hints and titles come from plugins and vendors. */
const safeLabel = (text: string): string => printable(text).replaceAll(/\s+/g, ' ');

const withSafeLabels = (item: MenuItem): MenuItem =>
  item.separator
    ? item
    : {
        ...item,
        label: safeLabel(item.label),
        ...(item.items && { items: item.items.map(withSafeLabels) }),
      };

const quit = (label: string): MenuItem => ({ label, action: { do: 'quit' } });

/** A line without an action. */
const text = (label: string): MenuItem => ({ label, enabled: false });

const NOT_RUNNING: TrayModel = {
  title: 'Keepalive is not running',
  icon: 'away',
  items: [text('Keepalive is not running'), text('To start it: keepalive start'), SEPARATOR, quit('Quit tray')],
};

function modelOf(snapshot: Snapshot, now: Instant, refusal: string | undefined): TrayModel {
  const { sessions, notices } = snapshot;
  const title = titleOf(snapshot);
  const others = notices.filter(({ session }) => sessions.every(({ id }) => id !== session));
  return {
    title,
    icon: iconOf(notices),
    items: [
      text(title),
      ...(refusal ? linesOf(refusal).map(text) : []),
      ...(notices.length > 1 ? others.map(notice => text(notice.title)) : []),
      SEPARATOR,
      ...sessions.map(session => sessionMenu(session, sessions, now)),
      ...(sessions.length > 0 ? [SEPARATOR] : []),
      ...commonItems(snapshot),
      quit('Quit tray (sessions stay alive)'),
    ],
  };
}

function commonItems({ sessions, hasPage }: Snapshot): readonly MenuItem[] {
  const ids = sessions.filter(session => !isPaused(session)).map(({ id }) => id);
  const items: readonly MenuItem[] = [
    ...(ids.length > 1 ? [{ label: 'Refresh all now', action: { do: 'refresh', ids } } satisfies MenuItem] : []),
    ...(hasPage ? [{ label: 'Open settings…', action: { do: 'open-page' } } satisfies MenuItem] : []),
  ];
  return items.length > 0 ? [...items, SEPARATOR] : [];
}

function sessionMenu(session: Session, all: readonly Session[], now: Instant): MenuItem {
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

function factsOf({ state, expiresAt, loginExpiresAt, lastSuccessAt }: Session, now: Instant): readonly string[] {
  // Once a login is required, the expiry of the old credential is of no use.
  const isOver = state.name === 'halted' && state.why === 'login-required';
  const ends = isOver
    ? []
    : [
        ...(expiresAt === undefined ? [] : [describeExpiry(expiresAt, now, calendarTime)]),
        ...(loginExpiresAt === undefined ? [] : [describeLoginEnd(loginExpiresAt, now, calendarTime)]),
      ];
  const success = lastSuccessAt === undefined ? [] : [`last success ${calendarTime(lastSuccessAt, now)}`];
  return [...success, ...ends].map(capitalized);
}

/** Pause, resume, or both. */
function controls({ id, state }: Session): readonly MenuItem[] {
  const pause: MenuItem = { label: 'Pause', action: { do: 'pause', id } };
  const resume: MenuItem = { label: 'Resume', action: { do: 'resume', id } };
  if (state.name !== 'halted') return [pause];
  if (state.disabled) return [{ label: 'Resume', action: { do: 'configure', id, policy: { enabled: true } } }];
  switch (state.why) {
    case 'paused':
      return [resume];
    case 'too-many-failures':
      return [resume, pause];
    case 'login-required':
    case 'unavailable':
      return [pause];
    default:
      return unreachable(state);
  }
}

/** Trouble that ends by itself has no notice, and does not change the icon. */
function iconOf(notices: readonly Notice[]): IconState {
  if (notices.some(({ level }) => level === 'error')) return 'needed';
  return notices.some(({ level }) => level === 'warning') ? 'soon' : 'quiet';
}

function titleOf({ sessions, notices }: Snapshot): string {
  const [first] = notices;
  if (first) return notices.length === 1 ? first.title : `${notices.length} things need attention`;
  return describeSessions({ total: sessions.length, paused: sessions.filter(isPaused).length });
}

const isPaused = ({ state }: Session): boolean => state.name === 'halted' && state.why === 'paused';
