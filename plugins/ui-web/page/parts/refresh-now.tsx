import { useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { outcomeLabel } from '../format/labels.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';

/** Checks the session now. If no renewal is due, it offers to renew anyway. */
export function RefreshNow({ session: { id, displayName, state } }: { readonly session: Session }) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const [wasFresh, setWasFresh] = useState(false);
  const refresh = async (force: boolean) => {
    setWasFresh(false);
    const after = await send(request => request('session/refresh', { id, force }), describe);
    setWasFresh(after?.lastAttempt?.outcome === 'fresh');
  };
  const isRunning = busy || state.name === 'refreshing';
  return (
    <div class="actions">
      <Button kind="primary" off={isRunning || !live} press={() => refresh(false)}>
        {isRunning ? 'Refreshing…' : 'Refresh now'}
        <span class="unseen"> {displayName}</span>
      </Button>
      {wasFresh && (
        <Button off={isRunning || !live} press={() => refresh(true)}>
          Renew anyway<span class="unseen"> {displayName}</span>
        </Button>
      )}
      <Status message={message} />
    </div>
  );
}

const describe = ({ lastAttempt }: Session): string =>
  lastAttempt ? `${outcomeLabel(lastAttempt.outcome).text}.` : '';
