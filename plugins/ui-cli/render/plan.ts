import type { PlannedAttempt } from '../../../sdk/contract/rpc.ts';
import { maxPlanned, type Instant, type Session } from '../../../sdk/contract/session.ts';
import { describeMs } from '../../../sdk/wording/duration.ts';
import { localTime, relative } from '../../../sdk/wording/time.ts';
import { statusCell } from './status.ts';
import { renderTable, type Column } from './table.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

type Plan = {
  readonly attempts: readonly PlannedAttempt[];
  readonly sessions: readonly Session[];
  readonly until: Instant;
  /** Whether a daemon runs that will do it. */
  readonly isRunning: boolean;
};

const COLUMNS: readonly Column[] = [
  { title: 'WHEN', rank: 0 },
  { title: '', rank: 3 },
  { title: 'ID', rank: 1, min: 16 },
  { title: 'WHY', rank: 2, min: 16 },
  { title: 'REPEATS', rank: 4 },
];

/** What would happen when, and which sessions have nothing planned. */
export function renderPlan({ attempts, sessions, until, isRunning }: Plan, view: View): string {
  const { now } = view;
  const planned = new Set(attempts.map(({ id }) => id));
  if (!sessions.length) return wrap(NOTHING_KEPT, view.width);
  const rows = inRows(attempts);
  const table = renderTable(
    COLUMNS,
    rows.map(({ id, at, why, more, last }) => [
      { text: localTime(at, now) },
      { text: relative(at, now), style: 'dim' },
      { text: id, style: 'bold' },
      { text: why },
      { text: more ? `${more} more until ${localTime(last, now)}` : '', style: 'dim' },
    ]),
    view,
  );
  const span = `the next ${describeMs(until - now, 'long').replace(/^1 (?=\w+$)/, '')}`;
  return [
    ...(isRunning ? [] : ['No daemon is running. After `keepalive start`, this would be the plan:']),
    attempts.length ? `Planned for ${span}:` : `Nothing is planned for ${span}.`,
    ...(attempts.length ? [table] : []),
    ...cutOff(attempts, maxPlanned(sessions.length), now),
    ...sessions.filter(({ id }) => !planned.has(id)).map(session => unplanned(session, now)),
  ].join('\n');
}

/** A session that is alive may have its next attempt later. */
function unplanned(session: Session, now: Instant): string {
  const { id, state, nextAttemptAt } = session;
  const { text } = statusCell(session, now);
  if (state.name === 'halted' || nextAttemptAt === undefined) return `Nothing is planned for ${id}: ${text}.`;
  return `Nothing is due for ${id} before ${localTime(nextAttemptAt, now)}: ${text}.`;
}

const NOTHING_KEPT = 'Nothing is planned: no session is kept alive yet. `keepalive doctor` says what is missing.';

/** What is left out of the plan of sessions with very many attempts. */
function cutOff(attempts: readonly PlannedAttempt[], most: number, now: Instant): readonly string[] {
  const plans = new Map<string, { count: number; last: Instant }>();
  for (const { id, at } of attempts) {
    const { count, last } = plans.get(id) ?? { count: 0, last: 0 };
    plans.set(id, { count: count + 1, last: Math.max(last, at) });
  }
  const cut = [...plans].filter(([, { count }]) => count >= most);
  const listed = most === 1 ? 'attempt is' : `${most} attempts are`;
  if (cut.length > 1) return [`Of ${cut.length} sessions, only the next ${listed} listed. Later ones are not.`];
  return cut.map(
    ([id, { last }]) => `Of ${id}, only the next ${listed} listed, until ${localTime(last, now)}. Later ones are not.`,
  );
}

type Row = PlannedAttempt & { readonly more: number; readonly last: Instant };

/** The attempts of one session for one reason are one row: a day of them would fill many screens. */
function inRows(attempts: readonly PlannedAttempt[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const attempt of attempts.toSorted((a, b) => a.at - b.at)) {
    const key = JSON.stringify([attempt.id, attempt.why]);
    const row = rows.get(key);
    rows.set(key, row ? { ...row, more: row.more + 1, last: attempt.at } : { ...attempt, more: 0, last: attempt.at });
  }
  return [...rows.values()];
}
