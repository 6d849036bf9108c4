import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { nameLabel } from '../../../../sdk/wording/session-line.ts';
import type { FleetView, SignInChange } from '../kernel/model.ts';
import type { SignInTarget } from '../kernel/use-sign-in-target.ts';
import { Icon } from './icon.tsx';
import type { SignInDialog } from './sign-in-dialog.tsx';

type Props = {
  readonly target: SignInTarget | undefined;
  readonly sessions: readonly Session[];
  readonly fleet: FleetView | undefined;
  readonly change: SignInChange | undefined;
  readonly connects: number;
  readonly close: () => void;
};

/** The dialog of a sign-in while it is open, and after it a line that says that it succeeded. */
export function SignIn({ target, sessions: own, fleet, close, ...rest }: Props) {
  const Dialog = useDialog(target);
  const [success, setSuccess] = useState('');
  const { machine } = target ?? {};
  const sessions = machine === undefined ? own : (fleet?.machines.find(one => one.machine === machine)?.sessions ?? []);
  const session = useTargetSession(target, sessions);
  useEffect(() => {
    if (target) setSuccess('');
  }, [target]);
  const leave = (text = '') => {
    if (text) setSuccess(text);
    close();
  };
  return (
    <>
      {Dialog && target && session && (
        <Dialog
          key={`${machine}/${session.id}`}
          session={session}
          machine={machine}
          name={nameLabel(session, sessions)}
          isAsked={target.isAsked}
          leave={leave}
          {...rest}
        />
      )}
      <p class="success" role="status">
        {success && (
          <>
            <Icon sign="check" /> {success}
          </>
        )}
      </p>
    </>
  );
}

/**
 * The session of the dialog. A daemon that has just started may not have it yet: the dialog stays open meanwhile,
 * because a new one would start the sign-in again by itself.
 */
function useTargetSession(target: SignInTarget | undefined, sessions: readonly Session[]): Session | undefined {
  const latest = useRef<{ readonly session: Session | undefined; readonly machine: string | undefined }>(undefined);
  const { session: last, machine } = latest.current ?? {};
  const isSame = last?.id === target?.session && machine === target?.machine;
  const session = sessions.find(({ id }) => id === target?.session) ?? (isSame ? last : undefined);
  latest.current = { session, machine: target?.machine };
  return session;
}

/** The dialog is loaded when it is needed, so that the page itself is there sooner. */
function useDialog(target: SignInTarget | undefined): typeof SignInDialog | undefined {
  const [dialog, setDialog] = useState<{ readonly SignInDialog: typeof SignInDialog }>();
  useEffect(() => {
    if (!target || dialog) return;
    // After a restart, the daemon sends no file before the page is loaded again. The address names the session.
    import('./sign-in-dialog.tsx').then(setDialog, () => target.isAsked && location.reload());
  }, [target]);
  return dialog?.SignInDialog;
}
