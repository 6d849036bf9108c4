import type { ComponentChildren } from 'preact';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { expiryVerb, loginEndVerb } from '../../../../sdk/wording/expiry.ts';
import { capitalized, isPaused, statusLabel } from '../format/labels.ts';
import { valueOf } from '../format/policy-values.ts';
import { Explanation } from './controls.tsx';
import { KeepAlive } from './keep-alive.tsx';
import { RefreshNow } from './refresh-now.tsx';
import { RemoveSession } from './remove-session.tsx';
import { ScheduleField } from './schedule-field.tsx';
import { LabelText, Moment, Prose } from './text.tsx';
import { Values } from './values.tsx';

type Props = { readonly session: Session; readonly config: ConfigView; readonly now: Instant };

/** Everything that can be set for one session. */
export function SessionCard({ session, config, now }: Props) {
  const { id, displayName, state, method, account } = session;
  return (
    <article class="card" id={`session-${id}`} aria-labelledby={`name-${id}`}>
      <header>
        <h3 id={`name-${id}`}>{displayName}</h3>
        <LabelText label={statusLabel(session, now)} />
      </header>
      {account !== undefined && <p class="small quiet account">Signed in as {account}</p>}
      {'hint' in state && state.hint && !isPaused(session) && (
        <p class="hint">
          <Prose text={state.hint} />
        </p>
      )}
      <KeepAlive session={session} enabled={valueOf(config, id, 'enabled')} configFile={config.file} />
      <ScheduleField session={session} value={valueOf(config, id, 'schedule')} />
      <Facts session={session} now={now} />
      <RefreshNow session={session} />
      <div class="more">
        <Explanation session={session} />
        <Values session={session} config={config} />
      </div>
      <p class="small quiet">
        <code>{id}</code> · plugin {session.provider} · method {method}
      </p>
      <RemoveSession session={session} />
    </article>
  );
}

function Facts({ session, now }: Omit<Props, 'config'>) {
  const { lastAttempt, nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt } = session;
  return (
    <dl class="facts">
      <Fact name="Last check" at={lastAttempt?.endedAt} now={now} otherwise="not yet">
        {lastAttempt && OUTCOME_LABELS[lastAttempt.outcome]}
      </Fact>
      <Fact name="Next check" at={nextAttemptAt} now={now} otherwise="none planned">
        {nextAttemptWhy}
      </Fact>
      {expiresAt !== undefined && <Fact name={capitalized(expiryVerb(expiresAt, now))} at={expiresAt} now={now} />}
      {loginExpiresAt !== undefined && (
        <Fact name={`Login ${loginEndVerb(loginExpiresAt, now)}`} at={loginExpiresAt} now={now}>
          no renewal extends it
        </Fact>
      )}
    </dl>
  );
}

type FactProps = {
  readonly name: string;
  readonly at: Instant | undefined;
  readonly now: Instant;
  /** Shown if there is no time. */
  readonly otherwise?: string;
  readonly children?: ComponentChildren;
};

const Fact = ({ name, at, now, otherwise, children }: FactProps) => (
  <>
    <dt>{name}</dt>
    <dd>
      {at === undefined ? (
        otherwise
      ) : (
        <>
          <Moment at={at} now={now} /> {children && <span class="quiet">{children}</span>}
        </>
      )}
    </dd>
  </>
);
