import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { STATUS_LABELS, statusOf } from '../../../../sdk/wording/status.ts';
import { capitalized } from './labels.ts';

/** From this many on, sessions can be filtered, and each is one line until it is opened. */
export const MANY = 12;

export const NEEDS_YOU = 'Needs you';

/** `status` is one of the choices, or empty. */
export type SessionFilter = { readonly text: string; readonly status: string };
export type Choice = { readonly name: string; readonly count: number };

const idsOf = (items: readonly Attention[]): readonly string[] =>
  items.filter(({ kind }) => kind === 'session').map(({ id }) => id);

/** The sessions that need the user first, the worst first; the other ones as they are configured. */
export function inOrder(sessions: readonly Session[], items: readonly Attention[]): readonly Session[] {
  const ids = idsOf(items);
  const rank = ({ id }: Session) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
  return sessions.toSorted((a, b) => rank(a) - rank(b));
}

const statusName = (session: Session, now: Instant): string => capitalized(STATUS_LABELS[statusOf(session, now)]);

/** What can be chosen, with how many sessions each has. */
export function choicesOf(sessions: readonly Session[], items: readonly Attention[], now: Instant): readonly Choice[] {
  const counts = new Map([[NEEDS_YOU, idsOf(items).length]]);
  for (const session of sessions) {
    const name = statusName(session, now);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 0).map(([name, count]) => ({ name, count }));
}

/** The sessions that the filter lets through, in the same order. */
export function filtered(
  sessions: readonly Session[],
  { text, status }: SessionFilter,
  { items, now }: { readonly items: readonly Attention[]; readonly now: Instant },
): readonly Session[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const needing = new Set(idsOf(items));
  return sessions.filter(session => {
    const name = statusName(session, now);
    const isChosen = status === '' || name === status || (status === NEEDS_YOU && needing.has(session.id));
    const { id, displayName, account = '' } = session;
    const searched = `${id} ${displayName} ${name} ${account}`.toLowerCase();
    return isChosen && words.every(word => searched.includes(word));
  });
}

/** Items by their session, in the same order. */
export function bySession<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.id);
    if (group) group.push(item);
    else groups.set(item.id, [item]);
  }
  return groups;
}
