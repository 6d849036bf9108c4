import { useCallback, useEffect, useState } from 'preact/hooks';

/** The session whose sign-in is open. */
export type SignInTarget = {
  readonly session: string;
  /** Undefined for this machine. */
  readonly machine: string | undefined;
  /** Whether the user pressed its button. A link only opens the dialog: a sign-in never begins by itself. */
  readonly isAsked: boolean;
};

/** The address names the session as long as the dialog is open, so that it opens again after a reload. */
const NAME = 'sign-in';
const MACHINE = 'machine';

function targetInAddress(): SignInTarget | undefined {
  const named = new URLSearchParams(location.hash.slice(1));
  const session = named.get(NAME);
  return session === null ? undefined : { session, machine: named.get(MACHINE) ?? undefined, isAsked: false };
}

export function useSignInTarget(): {
  readonly target: SignInTarget | undefined;
  readonly open: (session: string, machine?: string) => void;
  readonly close: () => void;
} {
  const [target, setTarget] = useState(targetInAddress);
  useEffect(() => {
    const follow = () => setTarget(before => targetInAddress() ?? before);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const open = useCallback((session: string, machine?: string) => {
    const named = new URLSearchParams({ [NAME]: session, ...(machine !== undefined && { [MACHINE]: machine }) });
    history.replaceState(null, '', `#${named}`);
    setTarget({ session, machine, isAsked: true });
  }, []);
  const close = useCallback(() => {
    history.replaceState(null, '', location.pathname);
    setTarget(undefined);
  }, []);
  return { target, open, close };
}
