import { useState } from 'preact/hooks';
import type { Attempt, Instant } from '../../../../sdk/contract/session.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import type { News, Told } from '../model.ts';
import { took } from '../time.ts';
import { sayOutcome, sayReason } from '../words.ts';
import { Button } from './button.tsx';
import { Clock, Prose, Saying } from './text.tsx';

type Props = { readonly told: Told; readonly now: Instant; readonly tell: (news: News) => void };

const PAGE = 20;
const OLDER = 1_000;
const KINDS: Readonly<Record<string, (attempt: Attempt) => boolean>> = {
  Everything: () => true,
  Refreshed: ({ outcome }) => outcome === 'refreshed',
  'Nothing was due': ({ outcome }) => outcome === 'fresh' || outcome === 'deferred',
  Trouble: ({ outcome }) => !['refreshed', 'fresh', 'deferred'].includes(outcome),
};

/** What was done, newest first. */
export function History({ told: { sessions, attempts, more }, now, tell }: Props) {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const [id, setId] = useState('');
  const [kind, setKind] = useState('Everything');
  const [shown, setShown] = useState(PAGE);
  const matching = attempts.filter(attempt => (id === '' || attempt.id === id) && KINDS[kind]?.(attempt));
  const nameOf = (id: string) => sessions.find(session => session.id === id)?.displayName ?? id;
  const showMore = async () => {
    setShown(shown + PAGE);
    const last = attempts.at(-1);
    if (matching.length >= shown + PAGE || !more || !last) return;
    const older = await ask(
      request => request('session/history', { limit: OLDER, before: last.startedAt }),
      () => '',
    );
    if (older) tell({ type: 'older', attempts: older, more: older.length === OLDER });
  };
  return (
    <section id="history" aria-labelledby="history-heading">
      <h2 id="history-heading">History</h2>
      <div class="filters">
        <label for="history-session">Session</label>
        <select id="history-session" value={id} onChange={({ currentTarget }) => setId(currentTarget.value)}>
          <option value="">All sessions</option>
          {sessions.map(session => (
            <option key={session.id} value={session.id}>
              {session.displayName}
            </option>
          ))}
        </select>
        <label for="history-kind">Show</label>
        <select id="history-kind" value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
          {Object.keys(KINDS).map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <p class="quiet" role="status">
          {matching.length === 0
            ? ''
            : `${Math.min(shown, matching.length)} of ${matching.length}${more ? ' and more' : ''}`}
        </p>
      </div>
      {matching.length === 0 && (
        <p class="nothing">{attempts.length === 0 ? 'No attempt has been made yet.' : 'No attempt is like this.'}</p>
      )}
      <ol class="history">
        {matching.slice(0, shown).map(attempt => (
          <Row key={`${attempt.id} ${attempt.startedAt}`} attempt={attempt} name={nameOf(attempt.id)} now={now} />
        ))}
      </ol>
      {(matching.length > shown || more) && (
        <Button off={busy || !live} press={showMore}>
          Show more
        </Button>
      )}
      {said?.failed && (
        <p class="said failed" role="alert">
          {said.text}
        </p>
      )}
    </section>
  );
}

const Row = ({
  attempt: { startedAt, endedAt, outcome, method, reason, message },
  name,
  now,
}: {
  readonly attempt: Attempt;
  readonly name: string;
  readonly now: Instant;
}) => (
  <li>
    <p class="when">
      <Clock at={endedAt} now={now} />
    </p>
    <p class="name">{name}</p>
    <div class="outcome">
      <Saying said={sayOutcome(outcome)} />
      {message !== undefined && (
        <p class="small">
          <Prose text={message} />
        </p>
      )}
    </div>
    <p class="quiet small how">
      {method}, {sayReason(reason)}, {took(endedAt - startedAt)}
    </p>
  </li>
);
