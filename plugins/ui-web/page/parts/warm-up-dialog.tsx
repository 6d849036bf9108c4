import { useEffect, useRef } from 'preact/hooks';
import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { localTime } from '../../../../sdk/wording/time.ts';
import type { Snapshot } from '../kernel/model.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { useWarmUpForm } from '../kernel/use-warm-up-form.ts';
import { Button, Status } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { CostOfWarmUp } from './warm-up-cost.tsx';
import { WarmUpFields } from './warm-up-fields.tsx';

export type Added = { readonly id: string; readonly text: string };

type Props = {
  readonly snapshot: Snapshot;
  /** The sessions that may have a warm-up. There is one at least. */
  readonly choices: readonly Session[];
  /** Closes the dialog. The text says that the warm-up was added. */
  readonly leave: (added?: Added) => void;
};

/** Adds a warm-up in two steps: its times, and its cost. Only the second press switches it on. */
export function AddWarmUp({ snapshot, choices, leave }: Props) {
  const { live } = useKernel();
  const form = useWarmUpForm(snapshot, choices[0]?.id ?? '', added =>
    leave({ id: added.id, text: describeAdded(added) }),
  );
  const { draft, cost, busy, problems } = form;
  const body = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (Object.keys(problems).length > 0)
      body.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"]:is(input, select), [aria-invalid="true"] input')
        ?.focus();
  }, [problems]);
  const name = choices.find(({ id }) => id === draft.session)?.displayName ?? draft.session;
  return (
    <Dialog kind="warm-up-dialog" title={cost ? 'What this warm-up costs' : 'Add a warm-up'} close={() => leave()}>
      <form
        ref={body}
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (live && !busy) void (cost ? form.switchOn() : form.askCost());
        }}
      >
        {cost ? (
          <CostOfWarmUp cost={cost} draft={draft} name={name} />
        ) : (
          <WarmUpFields {...{ choices, draft, problems }} change={form.change} />
        )}
        <div class="actions ending">
          <button type="submit" class="primary" aria-disabled={busy || !live}>
            {cost ? (busy ? 'Switching on…' : 'Switch it on') : busy ? 'Looking…' : 'Show what it costs'}
          </button>
          {cost && (
            <Button off={busy} press={form.back}>
              Back
            </Button>
          )}
          <Button off={false} press={() => leave()}>
            Cancel
          </Button>
          <Status message={form.message} />
        </div>
      </form>
    </Dialog>
  );
}

/** With the first time, because nothing is sent before it. */
function describeAdded({ id, next: [first] }: WarmUp): string {
  const when = first ? ` Nothing is sent before ${localTime(first.at, Date.now())}.` : '';
  return `The warm-up ${id} is on.${when}`;
}
