import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useKernel } from '../kernel-context.ts';

/** Why the next attempt is when it is, as the kernel explains it. */
export function Why({ session }: { readonly session: Session }) {
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
        Why then?<span class="unseen"> {displayName}</span>
      </summary>
      <p>{text ?? (live ? 'Asking…' : 'The daemon does not answer.')}</p>
    </details>
  );
}
