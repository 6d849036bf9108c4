import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import {
  describeLoginState,
  isLoginOver,
  loginEndsAt,
  signInTitle,
  timeLeft,
} from '../../../../sdk/wording/sign-in.ts';
import type { SignInChange } from '../kernel/model.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { useSignIn } from '../kernel/use-sign-in.ts';
import { useTimed } from '../kernel/use-time.ts';
import { Button } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { SignInStep } from './sign-in-step.tsx';

type Props = {
  readonly session: Session;
  /** Undefined for this machine. */
  readonly machine: string | undefined;
  /** With the id if another session has the same name. */
  readonly name: string;
  readonly isAsked: boolean;
  readonly change: SignInChange | undefined;
  readonly connects: number;
  /** Closes the dialog. The text says that the sign-in succeeded. */
  readonly leave: (success?: string) => void;
};

/** Signs in to a session. To close it cancels the sign-in, which changes nothing. */
export function SignInDialog({ leave, name, ...props }: Props) {
  const { session, machine } = props;
  const { live } = useKernel();
  const signIn = useSignIn(props);
  const { started, state, answer, cancel } = signIn;
  const [isLeaving, setLeaving] = useState(false);
  const stop = () => {
    if (isLeaving || !started || !state || isLoginOver(state)) return leave();
    // To close the question is not to keep the account.
    if (state.name === 'confirm') return void answer('refuse').catch(() => leave());
    setLeaving(true);
    return void cancel().catch(() => leave());
  };
  useEffect(() => {
    if (state?.name === 'done')
      leave(
        describeLoginState(state, { displayName: machine === undefined ? name : `${name} on ${machine}`, machine: '' }),
      );
    // With a message, the user has to know what the store holds now.
    if (isLeaving && state?.name === 'cancelled' && state.message === undefined) leave();
  }, [state?.name]);
  return (
    <Dialog title={titleOf(name, started?.machine ?? machine)} cancel={stop} close={() => leave()}>
      <SignInStep session={session} signIn={signIn} />
      <div class="actions ending">
        <Button off={false} press={stop}>
          {state && !isLoginOver(state) ? (isLeaving ? 'Cancelling…' : 'Cancel') : 'Close'}
        </Button>
        {!live && <p class="message failed">Keepalive does not answer. The sign-in goes on when it is back.</p>}
        {live && started && state && !isLoginOver(state) && <TimeLeft end={loginEndsAt(state, started)} />}
      </div>
    </Dialog>
  );
}

const titleOf = (name: string, machine: string | undefined): string =>
  machine === undefined ? `Sign in to ${name}` : signInTitle(name, { machine });

const TimeLeft = ({ end }: { readonly end: number }) => <p class="message">{useTimed(now => timeLeft(end, now))}</p>;
