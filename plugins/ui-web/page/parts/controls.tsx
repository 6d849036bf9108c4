import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Policy } from '../../../../sdk/contract/policy.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useKernel, useRequest, type Message } from '../kernel/use-kernel.ts';

type ButtonProps = {
  readonly kind?: 'primary' | 'plain';
  readonly off: boolean;
  readonly press: () => unknown;
  readonly children: ComponentChildren;
};

/** A button that keeps the focus while it cannot be pressed. */
export const Button = ({ kind, off, press, children }: ButtonProps) => (
  <button type="button" class={kind} aria-disabled={off} onClick={() => off || void press()}>
    {children}
  </button>
);

/** The result of a request. Screen readers announce it. */
export const Status = ({ message }: { readonly message: Message | undefined }) => (
  <p class={`message ${message?.failed ? 'failed' : ''}`} role="status">
    {message?.text}
  </p>
);

type OverrideProps = { readonly session: string; readonly member: keyof Policy; readonly overridden: boolean };

/** Shows that a saved setting overrides the configuration, with a button to remove it. */
export function Override({ session, member, overridden }: OverrideProps) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const reset = () =>
    send(
      request => request('session/configure', { id: session, policy: { [member]: null } }),
      () => '',
    );
  if (!overridden) return null;
  return (
    <p class="override">
      This setting overrides the configuration.{' '}
      <Button kind="plain" off={busy || !live} press={reset}>
        Reset<span class="unseen"> {member}</span>
      </Button>
      {message?.failed && (
        <span class="failed" role="alert">
          {' '}
          {message.text}
        </span>
      )}
    </p>
  );
}

/** Why the next check is at its time, as the kernel explains it. */
export function Explanation({ session }: { readonly session: Session }) {
  const { id, displayName } = session;
  const { live, request } = useKernel();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState<string>();
  useEffect(() => {
    if (open && live)
      request('session/explain', { id }).then(
        explanation => setText(explanation.text),
        () => setText(undefined),
      );
  }, [open, live, session]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Explain<span class="unseen"> {displayName}</span>
      </summary>
      <p>{text ?? (live ? 'Loading…' : 'The daemon does not answer.')}</p>
    </details>
  );
}
