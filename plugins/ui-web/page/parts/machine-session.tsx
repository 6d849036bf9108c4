import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import { relative } from '../../../../sdk/wording/time.ts';
import { isSameName } from '../format/labels.ts';
import type { Listed } from '../format/machines.ts';
import { memo } from './memo.ts';
import { RefreshNow } from './refresh-now.tsx';
import { Expiry, StatusText } from './session-times.tsx';
import { SignInButton } from './sign-in-button.tsx';
import { Prose } from './text.tsx';

type Props = Listed & { readonly machine: FleetMachine };

/** A session of a machine, with the buttons that this machine accepts. */
export const MachineSession = memo(({ machine, session, action, asksForLogin }: Props) => {
  const { id, displayName } = session;
  const { machine: name, isHere, isSilent } = machine;
  return (
    <li aria-label={`${displayName} on ${name}`}>
      <div class="line">
        <p class="who">
          <span>{displayName}</span> {!isSameName(id, displayName) && <span class="id">{id}</span>}
        </p>
        <p class="state">
          <StatusText session={session} isPast={isSilent} />
        </p>
        <Expiry session={session} format={relative} />
        {isHere ? <a href={`#session-${id}`}>Show</a> : <Buttons {...{ machine, session, asksForLogin }} />}
      </div>
      {action !== undefined && (
        <p class="to-do">
          {!isHere && `On ${name}: `}
          <Prose text={action} />
        </p>
      )}
    </li>
  );
});

/** A machine that is silent would not answer. */
function Buttons({ machine: { machine, isSilent, accepts }, session, asksForLogin }: Omit<Props, 'action'>) {
  if (isSilent) return null;
  return (
    <div class="machine-buttons">
      {accepts.includes('login') && asksForLogin && <SignInButton session={session} machine={machine} />}
      {accepts.includes('refresh') && <RefreshNow session={session} machine={machine} kind="plain" />}
    </div>
  );
}
