import type { ConfigView, SessionDay } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { isPaused } from '../format/labels.ts';
import { valueOf } from '../format/policy-values.ts';
import { Explanation } from './controls.tsx';
import { Facts } from './facts.tsx';
import { KeepAlive } from './keep-alive.tsx';
import { RefreshNow } from './refresh-now.tsx';
import { RemoveSession } from './remove-session.tsx';
import { ScheduleField } from './schedule-field.tsx';
import { StatusText } from './session-times.tsx';
import { Prose } from './text.tsx';
import { Values } from './values.tsx';

type Props = { readonly session: Session; readonly config: ConfigView; readonly days: readonly SessionDay[] };

/** Everything that can be set for one session among few. */
export function SessionCard({ session, config, days }: Props) {
  const { id, displayName, state } = session;
  return (
    <article class="card" id={`session-${id}`} aria-labelledby={`name-${id}`}>
      <header>
        <h3 id={`name-${id}`}>{displayName}</h3>
        <StatusText session={session} />
      </header>
      {'hint' in state && state.hint && !isPaused(session) && (
        <p class="hint">
          <Prose text={state.hint} />
        </p>
      )}
      <SessionPanel session={session} config={config} days={days} />
    </article>
  );
}

/** The settings and the facts of a session. */
export function SessionPanel({ session, config, days }: Props) {
  const { id, method, provider, account } = session;
  return (
    <>
      <KeepAlive session={session} enabled={valueOf(config, id, 'enabled')} configFile={config.file} />
      <ScheduleField session={session} value={valueOf(config, id, 'schedule')} />
      <Facts session={session} days={days} />
      <RefreshNow session={session} />
      <div class="more">
        <Explanation session={session} />
        <Values session={session} config={config} />
      </div>
      <p class="small quiet">
        <code>{id}</code> · plugin {provider} · method {method}
        {account !== undefined && ` · signed in as ${account}`}
      </p>
      <RemoveSession session={session} />
    </>
  );
}
