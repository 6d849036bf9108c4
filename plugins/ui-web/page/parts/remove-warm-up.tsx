import { useState } from 'preact/hooks';
import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { useWarmUpRequest } from '../kernel/use-warm-up-request.ts';
import { Button, Status } from './controls.tsx';

type Props = { readonly warmUp: WarmUp; readonly name: string };

/** Removes a warm-up that was added in a frontend, after a question. */
export function RemoveWarmUp({ warmUp: { id, added }, name }: Props) {
  const { live } = useKernel();
  const { busy, message, send } = useWarmUpRequest();
  const [asking, setAsking] = useState(false);
  if (!added) return <p class="quiet small">It is in the configuration, which is where it is changed or removed.</p>;
  const remove = () => send(request => request('warmup/remove', { id }), '');
  const subject = <span class="unseen"> the warm-up of {name}</span>;
  return (
    <div class="remove">
      {asking ? (
        <div class="actions" role="group" aria-label={`Remove the warm-up of ${name}`}>
          <p>Remove this warm-up? Nothing is sent by it any more. The session stays as it is.</p>
          <Button off={busy || !live} press={remove}>
            {busy ? 'Removing…' : 'Remove'}
            {subject}
          </Button>
          <Button off={busy} press={() => setAsking(false)}>
            Keep{subject}
          </Button>
        </div>
      ) : (
        <Button kind="plain" off={!live} press={() => setAsking(true)}>
          Remove…{subject}
        </Button>
      )}
      <Status message={message} />
    </div>
  );
}
