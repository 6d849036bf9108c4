import type { LoginState, StartedLogin } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { listed } from '../../../../sdk/wording/sentence.ts';
import { addressText, signInCaution } from '../../../../sdk/wording/sign-in.ts';
import { Button } from './controls.tsx';
import { Fact } from './facts.tsx';

type Props = { readonly session: Session; readonly started: StartedLogin | undefined };

/** What is signed in to, so that the user can see a mix-up. */
export const SignInFacts = ({ session: { id, displayName, account }, started }: Props) => (
  <>
    <dl class="facts">
      {started && <Fact name="Machine">{started.machine}</Fact>}
      <Fact name="Session" remark={id}>
        {displayName}
      </Fact>
      {account !== undefined && <Fact name="Last account">{account}</Fact>}
      {started?.account !== undefined && <Fact name="Account">{started.account}</Fact>}
      {started && started.hosts.length > 0 && <Fact name="Address">{listed(started.hosts, 'or')}</Fact>}
    </dl>
    {started && <p class="small">{signInCaution(started)}</p>}
  </>
);

type RevealProps = {
  readonly state: Extract<LoginState, { name: 'starting' | 'open' | 'code' }>;
  readonly reveal: () => void;
};

/** Goes on to the address and the code. Where the address needs no code, one press also opens it. */
export function Reveal({ state, reveal }: RevealProps) {
  if (state.name === 'starting' || (state.name === 'open' && state.userCode !== undefined)) {
    return (
      <div class="actions">
        <Button kind="primary" off={state.name === 'starting'} press={reveal}>
          {state.name === 'starting' ? 'Starting…' : 'Show the code'}
        </Button>
      </div>
    );
  }
  return (
    <div class="actions">
      <a class="button primary" href={state.url} target="_blank" rel="noopener noreferrer" onClick={reveal}>
        Continue at {addressText(state.url)}
      </a>
      <Button kind="plain" off={false} press={reveal}>
        Show the address
      </Button>
    </div>
  );
}
