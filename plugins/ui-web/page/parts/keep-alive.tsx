import type { Session } from '../../../../sdk/contract/session.ts';
import { isPaused } from '../../../../sdk/wording/controls.ts';
import { remedyOf, whyOff } from '../format/remedies.ts';
import type { Request } from '../kernel/live.ts';
import type { PolicyValue } from '../format/policy-values.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { useSwitch } from '../kernel/use-switch.ts';
import { Button, Override, Status } from './controls.tsx';
import { RemedyButton } from './remedy-button.tsx';

type Props = {
  readonly session: Session;
  /** The value in force of `enabled`. */
  readonly enabled: PolicyValue | undefined;
  readonly configFile: string | null;
};

/** The switch that keeps a session alive, or not, and the buttons for a session that is not. */
export function KeepAlive({ session, enabled, configFile }: Props) {
  const { id, displayName, policy } = session;
  const { live } = useKernel();
  const { message, send } = useRequest();
  const { checked, change } = useSwitch(policy.enabled && !isPaused(session), on =>
    send(
      request => (on ? switchOn(id, request) : switchOff(id, request)),
      () => 'Saved.',
    ),
  );
  const remedy = remedyOf(session);
  return (
    <div class="keep">
      {remedy && (
        <div class="actions">
          <RemedyButton remedy={remedy} subject={displayName} />
        </div>
      )}
      <label class="switch">
        <input
          type="checkbox"
          checked={checked}
          disabled={!live}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />{' '}
        Keep session alive automatically
      </label>
      <Status message={message} />
      {!policy.enabled && (
        <p class="override">
          {whyOff(enabled, configFile)}{' '}
          <Button kind="plain" off={!live} press={() => change(true)}>
            Switch on<span class="unseen"> {displayName}</span>
          </Button>
        </p>
      )}
      {policy.enabled && <Override session={id} value={enabled} name="the switch" />}
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
