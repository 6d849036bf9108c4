import type { Remedy } from '../format/remedies.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';

type Props = {
  readonly remedy: Remedy;
  /** What it is about, for screen readers. */
  readonly subject: string;
};

/** Does what a state or a notice asks for, and says how it went. */
export function RemedyButton({ remedy: { label, act, done }, subject }: Props) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  return (
    <>
      <Button off={busy || !live} press={() => send(act, () => done)}>
        {busy ? 'Working…' : label}
        <span class="unseen"> {subject}</span>
      </Button>
      <Status message={message} />
    </>
  );
}
