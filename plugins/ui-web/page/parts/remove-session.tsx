import { useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';

/** Removes a session that was added in a frontend, after a question. */
export function RemoveSession({ session: { id, displayName, added } }: { readonly session: Session }) {
  const { live, request, update } = useKernel();
  const { busy, message, send } = useRequest();
  const [asking, setAsking] = useState(false);
  if (!added) return null;
  const remove = async () => {
    const removed = await send(
      ask => ask('session/remove', { id }),
      () => '',
    );
    if (removed === null) update({ sessions: await request('session/list') });
  };
  return (
    <div class="remove">
      {asking ? (
        <div class="actions" role="group" aria-label={`Remove ${displayName}`}>
          <p>Remove this session? Its credential stays as it is, and you stay signed in.</p>
          <Button off={busy || !live} press={remove}>
            {busy ? 'Removing…' : 'Remove'}
            <span class="unseen"> {displayName}</span>
          </Button>
          <Button off={busy} press={() => setAsking(false)}>
            Keep<span class="unseen"> {displayName}</span>
          </Button>
        </div>
      ) : (
        <Button kind="plain" off={!live} press={() => setAsking(true)}>
          Remove…<span class="unseen"> {displayName}</span>
        </Button>
      )}
      <Status message={message} />
    </div>
  );
}
