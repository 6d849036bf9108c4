import { useRef, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { isPaused } from '../format/labels.ts';
import type { Request } from '../kernel/live.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Override } from './controls.tsx';

type Props = { readonly session: Session; readonly overridden: boolean };

/** The switch that keeps a session alive, or not. */
export function KeepAlive({ session, overridden }: Props) {
  const { id, policy } = session;
  const { live } = useKernel();
  const { message, send } = useRequest();
  const [wanted, setWanted] = useState<boolean>();
  const changes = useRef(Promise.resolve());
  // The switch stays as the user left it until the kernel has answered. Changes are made one after the other, so that
  // the last one wins.
  const change = (on: boolean) => {
    setWanted(on);
    changes.current = changes.current
      .then(async () => {
        await send(
          request => (on ? switchOn(id, request) : switchOff(id, request)),
          () => 'Saved.',
        );
      })
      .then(() => setWanted(current => (current === on ? undefined : current)));
  };
  return (
    <div class="keep">
      <label class="switch">
        <input
          type="checkbox"
          checked={wanted ?? (policy.enabled && !isPaused(session))}
          disabled={!live}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />{' '}
        Keep session alive automatically
      </label>
      <Override session={id} member="enabled" overridden={overridden} />
      <p class={message?.failed ? 'message failed' : 'message unseen'} role="status">
        {message?.text}
      </p>
    </div>
  );
}

const switchOff = (id: string, request: Request): Promise<Session> =>
  request('session/configure', { id, policy: { enabled: false } });

/** Resets the setting first: if the configuration enables the session, nothing has to override it. */
async function switchOn(id: string, request: Request): Promise<Session> {
  const current = await request('session/get', { id });
  const reset = current.policy.enabled
    ? current
    : await request('session/configure', { id, policy: { enabled: null } });
  const enabled = reset.policy.enabled ? reset : await request('session/configure', { id, policy: { enabled: true } });
  return isPaused(enabled) ? request('session/resume', { id }) : enabled;
}
