import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { loginTone, remaining } from '../expiry.ts';
import { sayState } from '../words.ts';
import { Moment, Saying } from './text.tsx';

type Props = { readonly session: Session; readonly now: Instant };

/** Every session at a glance. */
export const Overview = ({ sessions, now }: { readonly sessions: readonly Session[]; readonly now: Instant }) => (
  <section id="overview" aria-labelledby="overview-heading">
    <h2 id="overview-heading">Sessions</h2>
    <ul class="overview">
      {sessions.map(session => (
        <Row key={session.id} session={session} now={now} />
      ))}
    </ul>
  </section>
);

function Row({ session, now }: Props) {
  const { id, displayName, state, loginExpiresAt, nextAttemptAt } = session;
  return (
    <li>
      <p class="who">
        <a href={`#session-${id}`}>{displayName}</a> {id !== displayName.toLowerCase() && <span class="id">{id}</span>}
      </p>
      <p class="state">
        <Saying said={sayState(state)} />
      </p>
      <Expiry session={session} now={now} />
      <p class="next">
        {nextAttemptAt === undefined ? (
          'Nothing planned'
        ) : (
          <>
            Next <Moment at={nextAttemptAt} now={now} />
          </>
        )}
      </p>
      {loginExpiresAt !== undefined && (
        <p class={`login tone-${loginTone(loginExpiresAt, now)}`}>
          Login {loginExpiresAt < now ? 'ended' : 'ends'} <Moment at={loginExpiresAt} now={now} />
        </p>
      )}
    </li>
  );
}

/** A bar that runs down, and the same in words. */
export function Expiry({ session, now }: Props) {
  const left = remaining(session, now);
  if (!left || session.expiresAt === undefined) return <p class="expiry unknown">No expiry known</p>;
  return (
    <div class="expiry">
      <div class={`bar tone-${left.tone}`} aria-hidden="true">
        <span style={{ width: `${(left.share * 100).toFixed(2)}%` }} />
      </div>
      <p>
        {left.share === 0 ? 'Expired' : 'Expires'} <Moment at={session.expiresAt} now={now} />
      </p>
    </div>
  );
}
