import { useState } from 'preact/hooks';
import type { LoginState, StartedLogin } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { describeLoginState, isLoginOver } from '../../../../sdk/wording/sign-in.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import type { SignIn } from '../kernel/use-sign-in.ts';
import { Button } from './controls.tsx';
import { CodeField, Place, UserCode } from './sign-in-code.tsx';
import { SignInFacts, Reveal } from './sign-in-facts.tsx';
import { Prose } from './text.tsx';

type Props = { readonly session: Session; readonly signIn: SignIn };

/** What the user does now. The first step names what is signed in to, before an address or a code is shown. */
export function SignInStep({ session, signIn }: Props) {
  const { live } = useKernel();
  const { started, state, begin } = signIn;
  const [isRevealed, setRevealed] = useState(false);
  if (!state) {
    return (
      <>
        <SignInFacts session={session} started={started} />
        <Action press={begin} label="Sign in" off={!live} />
      </>
    );
  }
  if (isLoginOver(state)) {
    return (
      <>
        <Said text={describeLoginState(state, { ...session, machine: started?.machine ?? '' })} />
        {state.name !== 'done' && <Action press={begin} label="Try again" off={!live} />}
      </>
    );
  }
  const hasAddress = state.name === 'starting' || state.name === 'open' || state.name === 'code';
  if (hasAddress && !isRevealed) {
    return (
      <>
        <SignInFacts session={session} started={started} />
        <Reveal state={state} reveal={() => setRevealed(true)} />
      </>
    );
  }
  const said = <Said text={textOf(state, session, started)} />;
  const controls = <Controls state={state} signIn={signIn} />;
  // What to type comes before what happens then.
  const isFirst = state.name === 'manual';
  return (
    <>
      {isFirst && controls}
      {said}
      {!isFirst && controls}
    </>
  );
}

/** The commands of a hint have buttons, and a problem is beside its field. Neither is a part of what is announced. */
function textOf(state: LoginState, session: Session, started: StartedLogin | undefined): string {
  const about = { ...session, machine: started?.machine ?? '' };
  if (state.name === 'manual') return describeLoginState({ ...state, hint: '' }, about);
  if (state.name === 'code') return describeLoginState({ ...state, problem: undefined }, about);
  return describeLoginState(state, about);
}

const Said = ({ text }: { readonly text: string }) => (
  <p class="said" role="status">
    {text}
  </p>
);

type ActionProps = { readonly press: () => unknown; readonly label: string; readonly off: boolean };

const Action = ({ press, label, off }: ActionProps) => (
  <div class="actions">
    <Button kind="primary" off={off} press={press}>
      {label}
    </Button>
  </div>
);

type ControlsProps = { readonly state: LoginState; readonly signIn: SignIn };

function Controls({ state, signIn: { started, answer } }: ControlsProps) {
  switch (state.name) {
    case 'open':
      return (
        <>
          {state.userCode !== undefined && <UserCode code={state.userCode} />}
          <Place url={state.url} isForAnyDevice={state.userCode !== undefined} />
        </>
      );
    case 'code':
      return (
        <>
          <Place url={state.url} isForAnyDevice />
          <CodeField state={state} answer={answer} />
        </>
      );
    case 'manual':
      return (
        <p class="hint">
          On {started?.machine}: <Prose text={state.hint} />
        </p>
      );
    case 'confirm':
      return <Question answer={answer} />;
    default:
      return null;
  }
}

function Question({ answer }: Pick<SignIn, 'answer'>) {
  const { live } = useKernel();
  return (
    <>
      <p>If you do not keep it, the session is paused.</p>
      <div class="actions">
        <Button off={!live} press={() => answer('refuse')}>
          Do not keep
        </Button>
        <Button kind="primary" off={!live} press={() => answer('keep')}>
          Keep
        </Button>
      </div>
    </>
  );
}
