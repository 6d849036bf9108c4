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

/** Opens the dialog that signs in to a session. Nothing for one without a sign-in, such as a deadline. */
export function SignInButton({ session, machine, label = 'Sign in', kind = 'primary' }: Props) {
  const { id, displayName } = session;
  const { live, signIn } = useKernel();
  if (session.signIn === undefined) return null;
  return (
    <Button kind={kind} off={!live} press={() => signIn(id, machine)}>
      {label}
      <span class="unseen"> to {displayName}</span>
    </Button>
  );
}
