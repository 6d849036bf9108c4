import { groupBy } from '../../../../sdk/base/group-by.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { STATUS_LABELS, statusOf } from '../../../../sdk/wording/status.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';

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
  const ranks = new Map(idsOf(items).map((id, index) => [id, index]));
  const rank = ({ id }: Session) => ranks.get(id) ?? ranks.size;
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
export const bySession = <T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> =>
  groupBy(items, ({ id }) => id);

/** The providers whose vendors have usage windows that a warm-up may begin. */
export const WARMABLE: readonly string[] = ['claude', 'codex'];

export const warmableOf = (sessions: readonly Session[]): readonly Session[] =>
  sessions.filter(({ provider }) => WARMABLE.includes(provider));
