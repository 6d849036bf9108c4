import type { Session } from '../../../../sdk/contract/session.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { Button } from './controls.tsx';

type Props = {
  readonly session: Session;
  /** Undefined for this machine. */
  readonly machine?: string;
  readonly label?: string;
  readonly kind?: 'primary' | 'plain';
};

/** Opens the dialog that signs in to a session. */
export function SignInButton({ session: { id, displayName }, machine, label = 'Sign in', kind = 'primary' }: Props) {
  const { live, signIn } = useKernel();
  return (
    <Button kind={kind} off={!live} press={() => signIn(id, machine)}>
      {label}
      <span class="unseen"> to {displayName}</span>
    </Button>
  );
}
