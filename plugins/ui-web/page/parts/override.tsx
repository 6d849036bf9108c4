import type { Policy } from '../../../../sdk/contract/policy.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import { Button } from './button.tsx';

type Props = { readonly session: string; readonly member: keyof Policy; readonly overridden: boolean };

/** Says that a value was set here, over the configuration, and leads back. */
export function Override({ session, member, overridden }: Props) {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const back = () =>
    ask(
      request => request('session/configure', { id: session, policy: { [member]: null } }),
      () => '',
    );
  if (!overridden) return null;
  return (
    <p class="override">
      Set here, over the configuration.{' '}
      <Button kind="plain" off={busy || !live} press={back}>
        Go back to it<span class="unseen"> for {member}</span>
      </Button>
      {said?.failed && (
        <span class="failed" role="alert">
          {' '}
          {said.text}
        </span>
      )}
    </p>
  );
}
