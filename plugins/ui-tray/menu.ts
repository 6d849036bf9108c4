import { printable } from '../../sdk/base/printable.ts';
import type { Instant, Notice, Session } from '../../sdk/contract/session.ts';
import type { IconState, MenuItem, TrayModel } from './model.ts';
import { scheduleMenu, SEPARATOR } from './schedules.ts';
import { linesOf, nameOf, sayMoment, sayState, sayTime } from './words.ts';

/** What the kernel says. */
export type Picture = {
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
  /** Whether there is a settings page to open. */
  readonly hasPage: boolean;
};

/** The menu. Without a picture no kernel answers; `complaint` is why it refused what was last asked of it. */
export function trayModel(picture: Picture | undefined, now: Instant, complaint?: string): TrayModel {
  const { title, icon, items } = modelOf(picture, now, complaint);
  return { title: label(title), icon, items: items.map(withPrintableLabels) };
}

/** Names, hints and titles come from plugins and vendors. */
const label = (text: string): string => printable(text).replaceAll(/\s+/g, ' ');

const withPrintableLabels = (item: MenuItem): MenuItem =>
  item.separator
    ? item
    : {
        ...item,
        label: label(item.label),
        ...(item.items && { items: item.items.map(withPrintableLabels) }),
      };

function modelOf(picture: Picture | undefined, now: Instant, complaint?: string): TrayModel {
  if (!picture) {
    const title = 'Keepalive is not running';
    return {
      title,
      icon: 'away',
      items: [said(title), said('To start it: keepalive start'), SEPARATOR, quit('Quit tray')],
    };
  }
  const { sessions, notices, hasPage } = picture;
  const title = titleOf(picture);
  const others = notices.filter(({ session }) => sessions.every(({ id }) => id !== session));
  const awake = sessions.filter(session => !isPaused(session)).map(({ id }) => id);
  return {
    title,
    icon: iconOf(notices),
    items: [
      said(title),
      ...(complaint ? linesOf(complaint).map(said) : []),
      ...(notices.length > 1 ? others.map(notice => said(notice.title)) : []),
      SEPARATOR,
      ...sessions.map(session => sessionMenu(session, sessions, now)),
      ...(sessions.length > 0 ? [SEPARATOR] : []),
      ...(awake.length > 1
        ? [{ label: 'Refresh all now', action: { do: 'refresh', ids: awake } } satisfies MenuItem]
        : []),
      ...(hasPage ? [{ label: 'Open settings…', action: { do: 'open-page' } } satisfies MenuItem] : []),
      ...(awake.length > 1 || hasPage ? [SEPARATOR] : []),
      quit('Quit tray (sessions stay alive)'),
    ],
  };
}

function sessionMenu(session: Session, all: readonly Session[], now: Instant): MenuItem {
  const { id, state, expiresAt, loginExpiresAt, lastSuccessAt } = session;
  const hint = 'hint' in state && !isPaused(session) ? linesOf(state.hint) : [];
  // What a credential was said to last is of no use where it has ceased to work.
  const isOver = state.name === 'halted' && state.why === 'login-required';
  const facts = [
    ...(lastSuccessAt === undefined ? [] : [`Refreshed ${sayMoment(lastSuccessAt, now)}`]),
    ...(expiresAt === undefined || isOver
      ? []
      : [expiresAt > now ? `Expires ${sayTime(expiresAt, now)}` : `Expired ${sayMoment(expiresAt, now)}`]),
    ...(loginExpiresAt === undefined || isOver ? [] : [`Login ends ${sayTime(loginExpiresAt, now)}`]),
  ];
  return {
    label: `${nameOf(session, all)}: ${sayState(state, now)}`,
    items: [
      ...[...hint, ...facts].map(said),
      ...(hint.length + facts.length > 0 ? [SEPARATOR] : []),
      { label: 'Refresh now', action: { do: 'refresh', ids: [id] } },
      ...steering(session),
      scheduleMenu(session),
    ],
  };
}

/** To leave it alone, or to keep it alive again. */
function steering({ id, state }: Session): readonly MenuItem[] {
  const pause: MenuItem = { label: 'Pause', action: { do: 'pause', id } };
  if (state.name !== 'halted') return [pause];
  if (state.disabled) return [{ label: 'Resume', action: { do: 'configure', id, policy: { enabled: true } } }];
  switch (state.why) {
    case 'paused':
      return [{ label: 'Resume', action: { do: 'resume', id } }];
    case 'too-many-failures':
      return [{ label: 'Keep trying', action: { do: 'resume', id } }, pause];
    default:
      return [pause];
  }
}

/** Only what a person should know changes the icon. Trouble that ends by itself does not. */
function iconOf(notices: readonly Notice[]): IconState {
  if (notices.some(({ level }) => level === 'error')) return 'needed';
  return notices.some(({ level }) => level === 'warning') ? 'soon' : 'quiet';
}

function titleOf({ sessions, notices }: Picture): string {
  const [first] = notices;
  if (first) return notices.length === 1 ? first.title : `${notices.length} things need a look`;
  const paused = sessions.filter(isPaused).length;
  const kept = sessions.length - paused;
  if (sessions.length === 0) return 'Nothing is kept alive yet';
  if (kept === 0) return paused === 1 ? 'The session is paused' : `All ${paused} sessions are paused`;
  return `Keeping ${kept} ${kept === 1 ? 'session' : 'sessions'} alive${paused ? `, ${paused} paused` : ''}`;
}

const isPaused = ({ state }: Session): boolean => state.name === 'halted' && state.why === 'paused';

const quit = (label: string): MenuItem => ({ label, action: { do: 'quit' } });

/** A line that only says something. */
const said = (label: string): MenuItem => ({ label, enabled: false });
