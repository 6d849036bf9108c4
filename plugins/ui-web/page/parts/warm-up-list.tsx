import { useState } from 'preact/hooks';
import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { capitalized, sentence } from '../../../../sdk/wording/sentence.ts';
import { nameLabel } from '../../../../sdk/wording/session-line.ts';
import { relativeAndLocal } from '../../../../sdk/wording/time.ts';
import { warmUpLimits, warmUpSchedule } from '../../../../sdk/wording/warm-up.ts';
import { elsewhere, warmUpLabel, windowsNow } from '../format/warm-ups.ts';
import { useWarmUpRequest } from '../kernel/use-warm-up-request.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';
import { LabelText, Prose } from './text.tsx';
import { Past, Run } from './warm-up-runs.tsx';
import { RemoveWarmUp } from './remove-warm-up.tsx';
import { UsageWindows } from './usage-windows.tsx';

type Props = { readonly warmUps: readonly WarmUp[]; readonly sessions: readonly Session[]; readonly now: Instant };

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const WarmUpList = ({ warmUps, sessions, now }: Props) => (
  <ul class="warm-ups">
    {warmUps.map(warmUp => (
      <li key={warmUp.id}>
        <OneWarmUp warmUp={warmUp} session={sessions.find(({ id }) => id === warmUp.session)} {...{ sessions, now }} />
      </li>
    ))}
  </ul>
);

type OneProps = Omit<Props, 'warmUps'> & { readonly warmUp: WarmUp; readonly session: Session | undefined };

function OneWarmUp({ warmUp, session, sessions, now }: OneProps) {
  const { id, windows, windowsAt, last, paused } = warmUp;
  const name = session ? nameLabel(session, sessions) : warmUp.session;
  return (
    <article class="card" aria-labelledby={`warm-up-${id}`}>
      <header>
        <h3 id={`warm-up-${id}`}>
          {name} <span class="quiet small">{id}</span>
        </h3>
        <LabelText label={warmUpLabel(warmUp, now)} />
      </header>
      <p>{capitalized(warmUpSchedule(warmUp, now))}.</p>
      <p class="quiet small">{capitalized(warmUpLimits(warmUp))}.</p>
      {paused && <Paused id={id} name={name} why={paused.why} />}
      <UsageWindows windows={windowsNow(windows, now)} windowsAt={windowsAt} now={now} />
      <div class="warm-up-times">
        <NextTimes warmUp={warmUp} now={now} />
        <div role="group" aria-label="Last time">
          <h4>Last time</h4>
          {last ? <Run run={last} now={now} /> : <p class="quiet">It has not run yet.</p>}
          {last && <Past id={id} now={now} />}
        </div>
      </div>
      <RemoveWarmUp warmUp={warmUp} name={name} />
    </article>
  );
}

type PausedProps = { readonly id: string; readonly name: string; readonly why: string };

function Paused({ id, name, why }: PausedProps) {
  const { live } = useKernel();
  const { busy, message, send } = useWarmUpRequest();
  const resume = () => send(request => request('warmup/resume', { id }), 'It is resumed.');
  return (
    <div class="hint">
      <p>
        It paused itself. <Prose text={sentence(why)} /> Nothing is sent until it is resumed.
      </p>
      <div class="actions">
        <Button off={busy || !live} press={resume}>
          {busy ? 'Resuming…' : 'Resume'}
          <span class="unseen"> the warm-up of {name}</span>
        </Button>
        <Status message={message} />
      </div>
    </div>
  );
}

const FEW = 3;

type TimesProps = { readonly warmUp: WarmUp; readonly now: Instant };

function NextTimes({ warmUp, now }: TimesProps) {
  const { next, paused } = warmUp;
  const [all, setAll] = useState(false);
  const rest = next.length - FEW;
  // To hide a single one saves nothing.
  const isShort = rest > 1 && !all;
  return (
    <div role="group" aria-label="Next times">
      <h4>
        Next times <span class="quiet small">{LOCAL_ZONE}</span>
      </h4>
      {next.length === 0 && <p class="quiet">None. Its days off leave no time.</p>}
      {paused && next.length > 0 && <p class="quiet small">They are skipped while it is paused.</p>}
      <ol>
        {(isShort ? next.slice(0, FEW) : next).map(time => (
          <li key={time.at}>
            {capitalized(relativeAndLocal(time.at, now))}
            <Elsewhere at={time.at} timezone={warmUp.timezone} />
            {!paused && time.skipped !== undefined && (
              <p class="quiet small">Will be skipped. {sentence(time.skipped)}</p>
            )}
          </li>
        ))}
      </ol>
      {isShort && (
        <Button kind="plain" off={false} press={() => setAll(true)}>
          Show {rest} more<span class="unseen"> times</span>
        </Button>
      )}
    </div>
  );
}

type ElsewhereProps = { readonly at: Instant; readonly timezone: string | undefined };

function Elsewhere({ at, timezone }: ElsewhereProps) {
  const there = elsewhere(at, timezone, LOCAL_ZONE);
  return there === undefined ? null : <span class="quiet small"> ({there})</span>;
}
