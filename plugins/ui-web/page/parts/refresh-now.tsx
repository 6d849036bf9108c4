import { useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import { sayOutcome } from '../words.ts';
import { Button } from './button.tsx';

/** A look now; and where it finds that nothing is due, a renewal all the same, if one insists. */
export function RefreshNow({ session: { id, displayName, state } }: { readonly session: Session }) {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const [wasFresh, setWasFresh] = useState(false);
  const refresh = async (force: boolean) => {
    setWasFresh(false);
    const after = await ask(request => request('session/refresh', { id, force }), describe);
    setWasFresh(after?.lastAttempt?.outcome === 'fresh');
  };
  const turning = busy || state.name === 'refreshing';
  return (
    <div class="actions">
      <Button kind="primary" off={turning || !live} press={() => refresh(false)}>
        {turning ? 'Refreshing…' : 'Refresh now'}
        <span class="unseen"> {displayName}</span>
      </Button>
      {wasFresh && (
        <Button off={turning || !live} press={() => refresh(true)}>
          Renew anyway<span class="unseen"> {displayName}</span>
        </Button>
      )}
      <p class={`said ${said?.failed ? 'failed' : ''}`} role="status">
        {said?.text}
      </p>
    </div>
  );
}

const describe = ({ lastAttempt }: Session): string => (lastAttempt ? `${sayOutcome(lastAttempt.outcome).text}.` : '');
