import type { ConfigView, SessionDay } from '../../../../sdk/contract/rpc.ts';
import { needsLogin, type Session } from '../../../../sdk/contract/session.ts';
import { isPaused } from '../../../../sdk/wording/controls.ts';
import { valueOf } from '../format/policy-values.ts';
import { Explanation } from './controls.tsx';
import { Disclose } from './disclose.tsx';
import { Facts } from './facts.tsx';
import { KeepAlive } from './keep-alive.tsx';
import { RefreshNow } from './refresh-now.tsx';
import { RemoveSession } from './remove-session.tsx';
import { ScheduleField } from './schedule-field.tsx';
import { SignInButton } from './sign-in-button.tsx';
import { StatusText } from './session-times.tsx';
import { Prose } from './text.tsx';
import { Values } from './values.tsx';

type Props = { readonly session: Session; readonly config: ConfigView; readonly days: readonly SessionDay[] };

type CardProps = Props & {
  /** Undefined if it is always open. */
  readonly fold?: { readonly isOpen: boolean; readonly toggle: (id: string) => void } | undefined;
};

/** Everything that can be set for one session among few. */
export function SessionCard({ session, config, days, fold }: CardProps) {
  const { id, state } = session;
  const isOpen = fold?.isOpen ?? true;
  return (
    <article class={isOpen ? 'card' : 'card folded'} id={`session-${id}`} aria-labelledby={`name-${id}`}>
      <header>
        <CardName session={session} fold={fold} />
        <StatusText session={session} />
      </header>
      {'hint' in state && state.hint && !isPaused(session) && (
        <p class="hint">
          <Prose text={state.hint} />
        </p>
      )}
      {needsLogin(session) && (
        <div class="actions">
          <SignInButton session={session} />
        </div>
      )}
      {isOpen && (
        <div class="card-panel" id={`panel-${id}`}>
          <SessionPanel session={session} config={config} days={days} />
        </div>
      )}
    </article>
  );
}

function CardName({ session: { id, displayName }, fold }: Pick<CardProps, 'session' | 'fold'>) {
  if (!fold) return <h3 id={`name-${id}`}>{displayName}</h3>;
  return (
    <h3>
      <Disclose
        id={`name-${id}`}
        name={displayName}
        isOpen={fold.isOpen}
        panel={`panel-${id}`}
        toggle={() => fold.toggle(id)}
      />
    </h3>
  );
}

/** The settings and the facts of a session. */
export function SessionPanel({ session, config, days }: Props) {
  const { id, method, provider } = session;
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
      </p>
      {!needsLogin(session) && (
        <div class="actions">
          <SignInButton session={session} label="Sign in again" kind="plain" />
        </div>
      )}
      <RemoveSession session={session} />
    </>
  );
}
