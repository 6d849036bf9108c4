import { useRef, useState } from 'preact/hooks';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import { originOf } from '../model.ts';
import { isPaused, sayOutcome, sayState } from '../words.ts';
import { Override } from './override.tsx';
import { RefreshNow } from './refresh-now.tsx';
import { ScheduleField } from './schedule-field.tsx';
import { Moment, Prose, Saying } from './text.tsx';
import { Values } from './values.tsx';
import { Why } from './why.tsx';

type Props = { readonly session: Session; readonly config: ConfigView; readonly now: Instant };

/** Everything that can be set of one session. */
export function SessionCard({ session, config, now }: Props) {
  const { id, displayName, state, method } = session;
  return (
    <article class="card" id={`session-${id}`} aria-labelledby={`name-${id}`}>
      <header>
        <h3 id={`name-${id}`}>{displayName}</h3>
        <Saying said={sayState(state)} />
      </header>
      {'hint' in state && state.hint && (
        <p class="hint">
          <Prose text={state.hint} />
        </p>
      )}
      <KeepAlive session={session} overridden={originOf(config, id, 'enabled') === 'settings'} />
      <ScheduleField session={session} overridden={originOf(config, id, 'schedule') === 'settings'} />
      <Facts session={session} now={now} />
      <RefreshNow session={session} />
      <div class="more">
        <Why session={session} />
        <Values session={session} config={config} />
      </div>
      <p class="small quiet">
        <code>{id}</code> · kept by {session.provider} · {method}
      </p>
    </article>
  );
}

function KeepAlive({ session, overridden }: { readonly session: Session; readonly overridden: boolean }) {
  const { id, policy } = session;
  const { live } = useKernel();
  const { said, ask } = useAsking();
  const [wanted, setWanted] = useState<boolean>();
  const changes = useRef(Promise.resolve());
  const kept = policy.enabled && !isPaused(session);
  const keep = (on: boolean) =>
    ask(
      async request => {
        if (!on) return request('session/configure', { id, policy: { enabled: false } });
        const is = await request('session/get', { id });
        // Back to the configuration first: what it says needs no override.
        const back = is.policy.enabled ? is : await request('session/configure', { id, policy: { enabled: null } });
        const enabled = back.policy.enabled
          ? back
          : await request('session/configure', { id, policy: { enabled: true } });
        return isPaused(enabled) ? request('session/resume', { id }) : enabled;
      },
      () => 'Saved.',
    );
  // It stays as it was left until the kernel has said what came of it. One change waits for the other, or the first could win.
  const change = (on: boolean) => {
    setWanted(on);
    changes.current = changes.current
      .then(() => keep(on))
      .then(() => setWanted(wanted => (wanted === on ? undefined : wanted)));
  };
  return (
    <div class="keep">
      <label class="switch">
        <input
          type="checkbox"
          checked={wanted ?? kept}
          disabled={!live}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />{' '}
        Keep session alive automatically
      </label>
      <Override session={id} member="enabled" overridden={overridden} />
      <p class={said?.failed ? 'said failed' : 'said unseen'} role="status">
        {said?.text}
      </p>
    </div>
  );
}

function Facts({
  session: { lastAttempt, nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt },
  now,
}: Omit<Props, 'config'>) {
  return (
    <dl class="facts">
      <dt>Last refresh</dt>
      <dd>
        {lastAttempt ? (
          <>
            <Moment at={lastAttempt.endedAt} now={now} />{' '}
            <span class="quiet">{sayOutcome(lastAttempt.outcome).text.toLowerCase()}</span>
          </>
        ) : (
          'not yet'
        )}
      </dd>
      <dt>Next refresh</dt>
      <dd>
        {nextAttemptAt === undefined ? (
          'none planned'
        ) : (
          <>
            <Moment at={nextAttemptAt} now={now} /> <span class="quiet">{nextAttemptWhy}</span>
          </>
        )}
      </dd>
      {expiresAt !== undefined && (
        <>
          <dt>Expires</dt>
          <dd>
            <Moment at={expiresAt} now={now} />
          </dd>
        </>
      )}
      {loginExpiresAt !== undefined && (
        <>
          <dt>Login ends</dt>
          <dd>
            <Moment at={loginExpiresAt} now={now} /> <span class="quiet">no refresh extends it</span>
          </dd>
        </>
      )}
    </dl>
  );
}
