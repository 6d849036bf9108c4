import type { NotifierInfo } from '../../../../sdk/contract/rpc.ts';
import { describeDelivery } from '../../../../sdk/wording/notifiers.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { describeDeliveries, describePlaces } from '../format/delivery.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { useSwitch } from '../kernel/use-switch.ts';
import { Button, Status } from './controls.tsx';
import { Prose } from './text.tsx';

type Props = { readonly notifiers: readonly NotifierInfo[] };

/** Where notices go, with a switch for each place and a test. */
export function Notifiers({ notifiers }: Props) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const test = () =>
    send(
      request => request('notifier/test'),
      deliveries => describeDeliveries(deliveries, notifiers),
    );
  const isOn = notifiers.some(({ status }) => status === 'on');
  return (
    <section id="notifiers" aria-labelledby="notifiers-heading">
      <h2 id="notifiers-heading">Where notices go</h2>
      <p>
        <Prose text={describePlaces(notifiers)} />
      </p>
      {notifiers.length > 0 && (
        <ul class="notifiers">
          {notifiers.map(notifier => (
            <li key={notifier.id}>
              <NotifierSwitch notifier={notifier} all={notifiers} />
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <Button off={busy || !live || !isOn} press={test}>
          {busy ? 'Sending…' : 'Send a test notice'}
        </Button>
        <Status message={message} />
      </div>
    </section>
  );
}

type SwitchProps = { readonly notifier: NotifierInfo; readonly all: readonly NotifierInfo[] };

function NotifierSwitch({ notifier, all }: SwitchProps) {
  const { id, place, status, reason } = notifier;
  const { live, update } = useKernel();
  const delivery = describeDelivery(notifier, Date.now()).join(' ');
  const { busy, message, send } = useRequest();
  const { checked, change } = useSwitch(status === 'on', async enabled => {
    const changed = await send(
      request => request('notifier/configure', { id, enabled }),
      () => 'Saved.',
    );
    if (changed) update({ notifiers: all.map(one => (one.id === id ? changed : one)) });
  });
  const isUnavailable = status === 'unavailable';
  return (
    <>
      <label class="switch">
        <input
          type="checkbox"
          checked={checked}
          disabled={!live || isUnavailable}
          aria-busy={busy}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />{' '}
        {capitalized(place)} <span class="quiet small">{id}</span>
      </label>
      {isUnavailable && (
        <p class="quiet small">
          <Prose text={reason === undefined ? 'Unavailable.' : `Unavailable: ${reason}`} />
        </p>
      )}
      {delivery !== '' && <p class="quiet small">{delivery}</p>}
      <Status message={message} />
    </>
  );
}
