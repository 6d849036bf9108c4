import { useEffect, useRef, useState } from 'preact/hooks';
import type { LoginState } from '../../../../sdk/contract/rpc.ts';
import { addressText } from '../../../../sdk/wording/sign-in.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import type { SignIn } from '../kernel/use-sign-in.ts';
import { QrCode } from './qr-code.tsx';
import { CopyButton } from './text.tsx';

/** The code that the user enters at the address. */
export const UserCode = ({ code }: { readonly code: string }) => (
  <p class="user-code">
    <code>{code}</code> <CopyButton text={code} subject="the code" />
  </p>
);

type PlaceProps = { readonly url: string; readonly isForAnyDevice: boolean };

/** The address that the user opens, here or on another device. */
export const Place = ({ url, isForAnyDevice }: PlaceProps) => (
  <>
    <p class="actions">
      <a class="button" href={url} target="_blank" rel="noopener noreferrer">
        Open {addressText(url)}
      </a>
      <CopyButton text={url} subject="the address" label="Copy the address" />
    </p>
    {isForAnyDevice && <QrCode text={url} />}
  </>
);

type FieldProps = {
  readonly state: Extract<LoginState, { name: 'code' }>;
  readonly answer: SignIn['answer'];
};

/** Takes the code that the vendor shows. It stays in no form history, and is sent to no spelling service. */
export function CodeField({ state, answer }: FieldProps) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const [sentFor, setSentFor] = useState<LoginState>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [state]);
  // The vendor's program is checking the code until the next state.
  const isChecking = busy || sentFor === state;
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? '';
    if (isChecking || !live || text === '') return;
    const sent = await send(
      () => answer(text),
      () => '',
    );
    if (sent === undefined || !field.current) return;
    field.current.value = '';
    setSentFor(state);
  };
  const problem = isChecking ? undefined : message?.text || state.problem;
  return (
    <form class="code-field" onSubmit={submit}>
      <label for="sign-in-code">Code from {new URL(state.url).host}</label>
      <input
        ref={field}
        id="sign-in-code"
        class="field"
        type="text"
        inputMode="text"
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck={false}
        maxLength={8_192}
        aria-invalid={problem !== undefined}
        aria-describedby="sign-in-problem"
      />
      <button type="submit" class="primary" aria-disabled={isChecking || !live}>
        {isChecking ? 'Checking…' : 'Send'}
      </button>
      <p id="sign-in-problem" class="message failed" role="alert">
        {problem}
      </p>
    </form>
  );
}
