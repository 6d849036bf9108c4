import { useState } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { warmableOf } from '../format/session-filter.ts';
import type { Snapshot } from '../kernel/model.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { Button } from './controls.tsx';
import { LoadAgain, useLatePart } from './late-part.tsx';
import type { Added } from './warm-up-dialog.tsx';

type Props = { readonly snapshot: Snapshot; readonly now: Instant };

/** The warm-ups. While there is none, one line that offers them. */
export function WarmUps({ snapshot, now }: Props) {
  const { warmUps, sessions } = snapshot;
  const { live } = useKernel();
  const [isAdding, setAdding] = useState(false);
  const [added, setAdded] = useState<Added>();
  const isOff = warmUps?.length === 0;
  const choices = warmableOf(sessions);
  const isShown = warmUps !== undefined && (!isOff || choices.length > 0);
  const parts = useLatePart(isShown && (!isOff || isAdding), () => import('./warm-up-parts.tsx'));
  if (!isShown) return null;
  const open = () => {
    setAdded(undefined);
    setAdding(true);
  };
  const leave = (one?: Added) => {
    setAdding(false);
    if (one) setAdded(one);
  };
  const known = typeof warmUps === 'object' ? warmUps : undefined;
  return (
    <section id="warm-ups" class={isOff ? 'off' : ''} aria-labelledby="warm-ups-heading">
      <h2 id="warm-ups-heading">Warm-up{isOff && ': off.'}</h2>
      {isOff && <p>Start a usage window at a chosen time, with one small prompt.</p>}
      {!known && <p class="failed">{warmUps}</p>}
      {parts === 'failed' && <LoadAgain />}
      {known && typeof parts === 'object' && (
        <parts.WarmUpParts {...{ snapshot, choices, now, isAdding, leave }} warmUps={known} />
      )}
      {known && choices.length > 0 && (
        <Button off={!live} press={open}>
          {isOff ? 'Set up a warm-up…' : 'Add a warm-up…'}
        </Button>
      )}
      <p class="message" role="status">
        {known?.some(({ id }) => id === added?.id) && added?.text}
      </p>
    </section>
  );
}
