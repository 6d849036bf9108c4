import { useEffect, useRef, useState } from 'preact/hooks';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { countdown } from '../format/refresh.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { useRenewal } from '../kernel/use-renewal.ts';
import { Button, Status } from './controls.tsx';

type Props = {
  readonly session: Session;
  /** Undefined for this machine. */
  readonly machine?: string;
  readonly kind?: 'primary' | 'plain';
};

/** Checks the session now. If no renewal is due, it offers to renew anyway. */
export function RefreshNow({ session: { id, displayName, state }, machine, kind = 'primary' }: Props) {
  const { live } = useKernel();
  const { busy, message, startsAt, offered, check, renew, cancel } = useRenewal(id, machine);
  const isRunning = busy || state.name === 'refreshing';
  return (
    <div class="actions">
      <Button kind={kind} off={isRunning || !live} press={check}>
        {isRunning ? 'Refreshing…' : 'Refresh now'}
        <span class="unseen"> {displayName}</span>
      </Button>
      {offered && (
        <Button off={isRunning || !live || startsAt !== undefined} press={renew}>
          Renew now<span class="unseen"> {displayName}</span>
        </Button>
      )}
      {startsAt !== undefined && <Countdown to={startsAt} cancel={cancel} />}
      <Status message={message} />
    </div>
  );
}

/** The time that is left. Screen readers announce it once. */
function Countdown({ to, cancel }: { readonly to: Instant; readonly cancel: () => void }) {
  const [now, setNow] = useState(Date.now);
  const announced = useRef(countdown(to, now));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="message countdown">
      <span aria-hidden="true">{countdown(to, now)}</span>
      <span class="unseen" role="status">
        {announced.current}
      </span>{' '}
      <Button kind="plain" off={false} press={cancel}>
        Cancel
      </Button>
    </p>
  );
}
