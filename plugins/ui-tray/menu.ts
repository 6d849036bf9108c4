import { printableLine } from '../../sdk/base/printable.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { attentionOf, urgentFirst, type Attention } from '../../sdk/wording/attention.ts';
import { isPaused } from '../../sdk/wording/controls.ts';
import { headlineOf, NOT_RUNNING } from '../../sdk/wording/headline.ts';
import { describeNotifiers } from '../../sdk/wording/notifiers.ts';
import { counted } from '../../sdk/wording/sentence.ts';
import { linesOf, SEPARATOR, text, type IconState, type MenuItem, type Snapshot, type TrayModel } from './model.ts';
import { sessionMenu } from './session-menu.ts';
import { toolItems } from './tool-items.ts';

/** From this many sessions on, those that need nothing are in a submenu. */
const MANY = 12;

/** The menu. Without a snapshot no daemon answers. `refusal` is why the last action was refused. */
export function trayModel(snapshot: Snapshot | undefined, now: Instant, refusal?: string): TrayModel {
  const { title, icon, items } = snapshot ? modelOf(snapshot, now, refusal) : notRunning(refusal);
  return { title: printableLine(title), icon, items: items.map(withSafeLabels) };
}

/** Names, hints and titles come from plugins and vendors. */
const withSafeLabels = (item: MenuItem): MenuItem =>
  item.separator
    ? item
    : {
        ...item,
        label: printableLine(item.label),
        ...(item.items && { items: item.items.map(withSafeLabels) }),
      };

const quit = (label: string): MenuItem => ({ label, action: { do: 'quit' } });

const notRunning = (refusal: string | undefined): TrayModel => ({
  title: NOT_RUNNING,
  icon: 'away',
  items: [
    text(NOT_RUNNING),
    text('No session is kept alive'),
    ...linesOf(refusal ?? '').map(text),
    SEPARATOR,
    { label: 'Start keepalive', action: { do: 'start' } },
    SEPARATOR,
    quit('Quit tray'),
  ],
});

function modelOf(snapshot: Snapshot, now: Instant, refusal: string | undefined): TrayModel {
  const { sessions, tools, elsewhere } = snapshot;
  const attention = attentionOf(snapshot, now);
  const others = attention.filter(({ kind }) => kind !== 'session');
  const headline = headlineOf(snapshot, now);
  return {
    title: elsewhere ? `${headline}; ${elsewhere.headline}` : headline,
    icon: elsewhere && attention.length === 0 ? 'soon' : iconOf(attention),
    items: [
      text(headline),
      ...linesOf(refusal ?? '').map(text),
      ...others.map(troubleItem),
      ...machineItems(snapshot),
      SEPARATOR,
      ...(sessions.length > 0 ? [...sessionItems(snapshot, attention, now), SEPARATOR] : []),
      ...toolItems(tools, sessions.length === 0),
      ...commonItems(snapshot),
      quit('Quit tray (sessions stay alive)'),
    ],
  };
}

/** A menu is no place for more. */
const MAX_MACHINES = 5;

/** Other machines that need the user. The page has the rest. */
function machineItems({ elsewhere, hasPage }: Snapshot): readonly MenuItem[] {
  const { machines = [] } = elsewhere ?? {};
  const rest = machines.length - MAX_MACHINES;
  const lines = machines.slice(0, MAX_MACHINES).map(({ title }) => title);
  return [...lines, ...(rest > 0 ? [`and ${counted(rest, 'more machine')}`] : [])].map(line =>
    hasPage ? { label: line, action: { do: 'open-page' } } : text(line),
  );
}

const troubleItem = ({ title, action }: Attention): MenuItem =>
  action === undefined ? text(title) : { label: title, items: linesOf(action).map(text) };

/** Those that need the user come first. Many others are in a submenu. */
function sessionItems(snapshot: Snapshot, attention: readonly Attention[], now: Instant): readonly MenuItem[] {
  const menus = urgentFirst(snapshot.sessions, attention).map(session => sessionMenu(session, snapshot, now));
  const urgent = attention.filter(({ kind }) => kind === 'session').length;
  const others = menus.slice(urgent);
  if (menus.length < MANY || others.length < 2) return menus;
  return [...menus.slice(0, urgent), { label: `${others.length} sessions without trouble`, items: others }];
}

function commonItems({ sessions, hasPage, notifiers }: Snapshot): readonly MenuItem[] {
  const active = sessions.filter(session => !isPaused(session)).map(({ id }) => id);
  const paused = sessions.filter(session => isPaused(session) && !isDisabled(session)).map(({ id }) => id);
  const items: readonly MenuItem[] = [
    ...(active.length > 1 ? [{ label: 'Refresh all now', action: { do: 'refresh', ids: active } } as const] : []),
    ...(active.length > 1 ? [{ label: 'Pause all', action: { do: 'pause', ids: active } } as const] : []),
    ...(paused.length > 1 ? [{ label: 'Resume all', action: { do: 'resume', ids: paused } } as const] : []),
    ...(hasPage ? [{ label: 'Open settings…', action: { do: 'open-page' } } as const] : []),
    {
      label: 'Notices',
      items: [
        ...linesOf(describeNotifiers(notifiers)).map(text),
        { label: 'Send a test notice', action: { do: 'test' } },
      ],
    },
  ];
  return [...items, SEPARATOR];
}

const isDisabled = ({ state }: Session): boolean => state.name === 'halted' && state.disabled === true;

function iconOf(attention: readonly Attention[]): IconState {
  if (attention.length === 0) return 'quiet';
  return attention.some(({ level }) => level === 'error') ? 'needed' : 'soon';
}
