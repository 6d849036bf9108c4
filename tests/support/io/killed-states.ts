import { Slots } from '../../../state/states-slots.ts';
import type { StatesFile } from '../../../sdk/contract/session.ts';

const ID = '0123456789abcdef';

/** `states.json` as a daemon lays it out. */
export function laidOut({ sessions, notices }: StatesFile): string {
  const content = {
    members: new Map(),
    notices: new Map(notices.map(notice => [notice.id, notice])),
    sessions: new Map(Object.entries(sessions)),
  };
  return [...new Slots(ID).layOut(1, content)].join('');
}

/** Its log, as a daemon that was killed leaves it. */
export const logOf = (changes: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string =>
  [
    { changes: ID },
    ...Object.entries(changes).flatMap(([section, entries]) =>
      Object.entries(entries).map(([key, value]) => ({ [section]: { [key]: value } })),
    ),
  ]
    .map(line => `${JSON.stringify(line)}\n`)
    .join('');
