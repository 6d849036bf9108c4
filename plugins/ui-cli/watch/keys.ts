import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Session } from '../../../sdk/contract/session.ts';

/** What `q` does. */
export type Quit = { readonly about: string; readonly now: () => void };

/** What the keys act on. */
export type KeyTarget = {
  readonly client: KeepaliveClient;
  readonly quit: Quit;
  /** The sessions as they are shown, from top to bottom. */
  readonly sessions: () => readonly Session[];
  readonly selected: () => string | undefined;
  readonly select: (id: string | undefined) => void;
  /** How many rows fit on the screen. */
  readonly page: () => number;
  readonly toggleHelp: () => void;
  readonly say: (text: string) => void;
  readonly describe: (error: unknown) => string;
};

/** What the keys do, for the help in the live view. */
export const keyHelp = (quit: Quit): readonly (readonly [keys: string, about: string])[] => [
  ['↑ ↓, j k', 'select a session; Esc selects none'],
  ['PgUp PgDn', 'move the selection by a page; Home and End move it to either end'],
  ['r', 'refresh the selected session now, or all: renew what is due'],
  ['p', 'pause the selected session, or resume it'],
  ['q, Ctrl-C', quit.about],
  ['?', 'close this help'],
];

/** Does what a key stands for. */
export function pressKey(key: string, target: KeyTarget): void {
  switch (key) {
    case 'q':
      return target.quit.now();
    case '?':
      return target.toggleHelp();
    case 'r':
      return refresh(target);
    case 'p':
      return pauseOrResume(target);
    case 'up':
    case 'k':
      return move(target, -1);
    case 'down':
    case 'j':
      return move(target, 1);
    case 'pageup':
      return move(target, -target.page());
    case 'pagedown':
      return move(target, target.page());
    case 'home':
      return move(target, -Infinity);
    case 'end':
      return move(target, Infinity);
    case 'escape':
      return target.select(undefined);
    default:
      return undefined;
  }
}

function move({ sessions, selected, select }: KeyTarget, by: number): void {
  const all = sessions();
  const last = all.length - 1;
  const at = all.findIndex(({ id }) => id === selected());
  const next = at < 0 ? (by === 1 || by === -Infinity ? 0 : last) : at + by;
  select(all[Math.max(0, Math.min(next, last))]?.id);
}

/** Nothing is reported of an attempt that works: the daemon announces its result. */
function refresh({ client, sessions, selected, say, describe }: KeyTarget): void {
  const chosen = sessions().filter(session => (selected() ? session.id === selected() : !isPaused(session)));
  for (const { id, lastAttempt } of chosen) {
    const startedAt = lastAttempt?.startedAt;
    client.request('session/refresh', { id }).then(
      session => {
        if (session.lastAttempt?.startedAt === startedAt)
          say(`${id} was attempted a moment ago, so it is not attempted again.`);
      },
      (error: unknown) => say(`${id}: ${describe(error)}`),
    );
  }
}

function pauseOrResume({ client, sessions, selected, say, describe }: KeyTarget): void {
  const shown = sessions();
  const session = shown.length === 1 ? shown[0] : shown.find(({ id }) => id === selected());
  if (!session) return say('Select a session with ↑ and ↓ first.');
  const { id, state } = session;
  const method = state.name === 'halted' ? 'session/resume' : 'session/pause';
  client.request(method, { id }).catch((error: unknown) => say(`${id}: ${describe(error)}`));
}

const isPaused = ({ state }: Session): boolean => state.name === 'halted' && state.why === 'paused';
