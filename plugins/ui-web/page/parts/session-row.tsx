import type { ConfigView, SessionDay } from '../../../../sdk/contract/rpc.ts';
import { needsLogin, type Session } from '../../../../sdk/contract/session.ts';
import { relative } from '../../../../sdk/wording/time.ts';
import { isSameName } from '../format/labels.ts';
import { memo } from './memo.ts';
import { DayStrip, DaysText } from './day-strip.tsx';
import { Disclose } from './disclose.tsx';
import { SessionPanel } from './session-card.tsx';
import { SignInButton } from './sign-in-button.tsx';
import { Checked, Expiry, ExpiryBar, LoginEnd, NextCheck, Renewed, StatusText } from './session-times.tsx';
import { Prose } from './text.tsx';

type RowProps = { readonly session: Session; readonly days: readonly SessionDay[] };

/** A session among few. Its settings are in its card. */
export const SessionRow = memo(({ session, days }: RowProps) => {
  const { id, displayName, account } = session;
  return (
    <li class="row">
      <div class="who">
        <p>
          <a href={`#session-${id}`} title={displayName}>
            {displayName}
          </a>
        </p>
        {!isSameName(id, displayName) && (
          <p class="id" title={id}>
            {id}
          </p>
        )}
        {account !== undefined && <p class="id">{account}</p>}
      </div>
      <p class="state">
        <StatusText session={session} />
      </p>
      <div class="ends">
        <ExpiryBar session={session} />
        <Expiry session={session} />
        <LoginEnd session={session} />
        <p class="past">
          <DayStrip days={days} />{' '}
          <span aria-hidden="true">
            <DaysText days={days} />
          </span>
        </p>
      </div>
      <div class="times">
        <Checked session={session} />
        <Renewed session={session} />
        <NextCheck session={session} />
      </div>
    </li>
  );
});

type LineProps = RowProps & {
  readonly config: ConfigView;
  /** What the user can do, if it needs the user. */
  readonly action: string | undefined;
  /** Whether another session has the same name, so that only the id tells them apart. */
  readonly isNameShared: boolean;
  readonly isOpen: boolean;
  readonly toggle: (id: string) => void;
};

/** A session among many: one line, which opens. */
export const SessionLine = memo(({ session, days, config, action, isNameShared, isOpen, toggle }: LineProps) => {
  const { id, displayName } = session;
  return (
    <li class={isOpen || action !== undefined ? 'wide' : ''}>
      <article id={`session-${id}`} aria-labelledby={`name-${id}`}>
        <div class="line">
          <h3 class="who">
            <Disclose
              id={`name-${id}`}
              name={displayName}
              isOpen={isOpen}
              panel={`panel-${id}`}
              toggle={() => toggle(id)}
            />{' '}
            {isNameShared && (
              <span class="id" title={id}>
                {id}
              </span>
            )}
          </h3>
          <p class="state">
            <StatusText session={session} />
          </p>
          <DayStrip days={days} />
          <Expiry session={session} format={relative} />
        </div>
        {action !== undefined && (
          <div class="to-do">
            <p>
              <Prose text={action} />
            </p>
            {needsLogin(session) && <SignInButton session={session} />}
          </div>
        )}
        {isOpen && (
          <div class="panel" id={`panel-${id}`}>
            <SessionPanel session={session} config={config} days={days} />
          </div>
        )}
      </article>
    </li>
  );
});
