import { useCallback, useMemo } from 'preact/hooks';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { bySession, choicesOf, MANY, type SessionFilter } from '../format/session-filter.ts';
import type { Snapshot } from '../kernel/model.ts';
import { useOpened } from '../kernel/use-opened.ts';
import { NO_DAYS } from './day-strip.tsx';
import { SessionFilters } from './session-filters.tsx';
import { SessionLine, SessionRow } from './session-row.tsx';

type Props = {
  readonly snapshot: Snapshot;
  /** In the order in which they are shown. */
  readonly sessions: readonly Session[];
  /** Those that the filter lets through. */
  readonly shown: readonly Session[];
  readonly items: readonly Attention[];
  readonly now: Instant;
  readonly filter: SessionFilter;
  readonly setFilter: (filter: SessionFilter) => void;
};

/** Every session at a glance. */
export function Overview(props: Props) {
  const { snapshot, sessions } = props;
  const days = useMemo(() => bySession(snapshot.days), [snapshot.days]);
  return (
    <section id="overview" aria-labelledby="overview-heading">
      <h2 id="overview-heading">Sessions</h2>
      {sessions.length < MANY ? (
        <ul class="overview">
          {sessions.map(session => (
            <SessionRow key={session.id} session={session} days={days.get(session.id) ?? NO_DAYS} />
          ))}
        </ul>
      ) : (
        <Lines {...props} days={days} />
      )}
    </section>
  );
}

type LinesProps = Props & { readonly days: ReturnType<typeof bySession<Snapshot['days'][number]>> };

function Lines({ snapshot, sessions, shown, items, now, filter, setFilter, days }: LinesProps) {
  const showAll = useCallback(() => setFilter({ text: '', status: '' }), [setFilter]);
  const { opened, toggle } = useOpened(showAll);
  const shared = repeated(sessions.map(({ displayName }) => displayName));
  const actions = new Map(items.flatMap(item => (item.kind === 'session' ? [[item.id, item.action]] : [])));
  return (
    <>
      <SessionFilters
        filter={filter}
        choices={choicesOf(sessions, items, now)}
        total={sessions.length}
        shown={shown.length}
        change={setFilter}
      />
      {shown.length === 0 && (
        <p class="nothing">
          No session matches.{' '}
          <button type="button" class="plain" onClick={showAll}>
            Show all
          </button>
        </p>
      )}
      <ul class="overview lines">
        {shown.map(session => (
          <SessionLine
            key={session.id}
            session={session}
            days={days.get(session.id) ?? NO_DAYS}
            config={snapshot.config}
            action={actions.get(session.id)}
            isNameShared={shared.has(session.displayName)}
            isOpen={opened.has(session.id)}
            toggle={toggle}
          />
        ))}
      </ul>
    </>
  );
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(names.filter(name => seen.size === seen.add(name).size));
}
