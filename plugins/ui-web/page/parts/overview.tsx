import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { EXPIRY_UNKNOWN, expiryVerb, loginEndVerb } from '../../../../sdk/wording/expiry.ts';
import { loginTone, remaining } from '../format/expiry.ts';
import { capitalized, statusLabel } from '../format/labels.ts';
import { LabelText, Moment } from './text.tsx';

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
  const { id, displayName, loginExpiresAt, nextAttemptAt } = session;
  return (
    <li>
      <p class="who">
        <a href={`#session-${id}`}>{displayName}</a> {id !== displayName.toLowerCase() && <span class="id">{id}</span>}
      </p>
      <p class="state">
        <LabelText label={statusLabel(session, now)} />
      </p>
      <Expiry session={session} now={now} />
      <p class="next">
        {nextAttemptAt === undefined ? (
          'No check planned'
        ) : (
          <>
            Next check <Moment at={nextAttemptAt} now={now} />
          </>
        )}
      </p>
      {loginExpiresAt !== undefined && (
        <p class={`login tone-${loginTone(loginExpiresAt, now)}`}>
          Login {loginEndVerb(loginExpiresAt, now)} <Moment at={loginExpiresAt} now={now} />
        </p>
      )}
    </li>
  );
}

/** A bar that shortens with the time left, and the same in words. */
function Expiry({ session: { expiresAt, ...session }, now }: Props) {
  const left = remaining({ ...session, expiresAt }, now);
  if (!left || expiresAt === undefined) return <p class="expiry unknown">{capitalized(EXPIRY_UNKNOWN)}</p>;
  return (
    <div class="expiry">
      <div class={`bar tone-${left.tone}`} aria-hidden="true">
        <span style={{ width: `${(left.share * 100).toFixed(2)}%` }} />
      </div>
      <p>
        {capitalized(expiryVerb(expiresAt, now))} <Moment at={expiresAt} now={now} />
      </p>
    </div>
  );
}
