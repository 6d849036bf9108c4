import { useState } from 'preact/hooks';
import type { Attempt, AttemptOutcome, Session } from '../../../../sdk/contract/session.ts';
import { REASON_LABELS } from '../../../../sdk/wording/attempt.ts';
import { describeElapsed } from '../../../../sdk/wording/duration.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { outcomeLabel } from '../format/labels.ts';
import type { Dispatch } from '../kernel/live.ts';
import type { Snapshot } from '../kernel/model.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button } from './controls.tsx';
import { Clock, LabelText, Prose } from './text.tsx';

type Props = { readonly snapshot: Snapshot; readonly dispatch: Dispatch };

const FIRST = 5;
const PAGE = 20;
const OLDER = 1_000;
const EVERYTHING = 'Everything';

const KINDS: Readonly<Record<AttemptOutcome, string>> = {
  refreshed: 'Renewed',
  fresh: 'Not due',
  deferred: 'Not due',
  'rate-limited': 'Trouble',
  offline: 'Trouble',
  failed: 'Trouble',
  'login-required': 'Trouble',
  unavailable: 'Trouble',
};

type Filter = { readonly id: string; readonly kind: string };

/** The attempts that were made, newest first. */
export function History({ snapshot: { sessions, attempts, more }, dispatch }: Props) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const [filter, setFilter] = useState<Filter>({ id: '', kind: EVERYTHING });
  const [shown, setShown] = useState(FIRST);
  const matching = attempts.filter(attempt => isWanted(attempt, filter));
  const displayNameOf = (id: string) => sessions.find(session => session.id === id)?.displayName ?? id;
  const showMore = async () => {
    setShown(shown + PAGE);
    const last = attempts.at(-1);
    if (matching.length >= shown + PAGE || !more || !last) return;
    const older = await send(
      request => request('session/history', { limit: OLDER, before: last.startedAt }),
      () => '',
    );
    if (older) dispatch({ type: 'older', attempts: older, more: older.length === OLDER });
  };
  const count = `${Math.min(shown, matching.length)} of ${matching.length}${more ? ' and more' : ''}`;
  const nothing = attempts.length === 0 ? 'No attempt has been made yet.' : 'No attempt matches this filter.';
  return (
    <section id="history" aria-labelledby="history-heading">
      <h2 id="history-heading">History</h2>
      <Filters sessions={sessions} filter={filter} count={matching.length > 0 ? count : ''} change={setFilter} />
      {matching.length === 0 && <p class="nothing">{nothing}</p>}
      <ol class="history">
        {matching.slice(0, shown).map(attempt => (
          <Row key={`${attempt.id} ${attempt.startedAt}`} attempt={attempt} name={displayNameOf(attempt.id)} />
        ))}
      </ol>
      {(matching.length > shown || more) && (
        <Button off={busy || !live} press={showMore}>
          Show more
        </Button>
      )}
      {message?.failed && (
        <p class="message failed" role="alert">
          {message.text}
        </p>
      )}
    </section>
  );
}

const isWanted = ({ id, outcome }: Attempt, filter: Filter): boolean =>
  (filter.id === '' || id === filter.id) && (filter.kind === EVERYTHING || KINDS[outcome] === filter.kind);

type FiltersProps = {
  readonly sessions: readonly Session[];
  readonly filter: Filter;
  readonly count: string;
  readonly change: (filter: Filter) => void;
};

const Filters = ({ sessions, filter, count, change }: FiltersProps) => (
  <div class="filters">
    <label for="history-session">Session</label>
    <select
      id="history-session"
      value={filter.id}
      onChange={({ currentTarget }) => change({ ...filter, id: currentTarget.value })}
    >
      <option value="">All sessions</option>
      {sessions.map(session => (
        <option key={session.id} value={session.id}>
          {session.displayName}
        </option>
      ))}
    </select>
    <label for="history-kind">Show</label>
    <select
      id="history-kind"
      value={filter.kind}
      onChange={({ currentTarget }) => change({ ...filter, kind: currentTarget.value })}
    >
      {[EVERYTHING, ...new Set(Object.values(KINDS))].map(name => (
        <option key={name}>{name}</option>
      ))}
    </select>
    <p class="quiet" role="status">
      {count}
    </p>
  </div>
);

type RowProps = { readonly attempt: Attempt; readonly name: string };

const Row = ({ attempt: { startedAt, endedAt, outcome, method, reason, message }, name }: RowProps) => (
  <li>
    <p class="when">
      <Clock at={endedAt} />
    </p>
    <p class="name">{name}</p>
    <p class="outcome">
      <LabelText label={outcomeLabel(outcome)} />
    </p>
    <p class="quiet small how">
      {capitalized(REASON_LABELS[reason])} · {method} · took {describeElapsed(Math.max(1, endedAt - startedAt))}
    </p>
    {message !== undefined && (
      <p class="quiet small why">
        <Prose text={message} />
      </p>
    )}
  </li>
);
