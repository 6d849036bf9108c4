import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { describeValue, type PolicyValue } from '../format/policy-values.ts';
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
  <p class={`message ${message?.failed ? 'failed' : 'passing'}`} role="status">
    {message?.text}
  </p>
);

type OverrideProps = {
  readonly session: string;
  readonly value: PolicyValue | undefined;
  /** What it is, for screen readers. */
  readonly name: string;
};

/** Says that a value was set here, with a button that returns to the configured one. */
export function Override({ session, value, name }: OverrideProps) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  if (value?.origin !== 'settings') return null;
  const { key, configured } = value;
  const reset = () =>
    send(
      request => request('session/configure', { id: session, policy: { [key]: null } }),
      () => '',
    );
  return (
    <p class="override">
      Set here.{' '}
      <Button kind="plain" off={busy || !live} press={reset}>
        Use the configured value{configured === undefined ? '' : ` (${describeValue(key, configured)})`}
        <span class="unseen"> of {name}</span>
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

/** Why the next attempt is at its time, as the kernel explains it. */
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
  }, [open, live, request, session]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Explain<span class="unseen"> {displayName}</span>
      </summary>
      <p>{text ?? (live ? 'Loading…' : 'The daemon does not answer.')}</p>
    </details>
  );
}
