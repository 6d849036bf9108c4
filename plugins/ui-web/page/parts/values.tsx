import type { Policy } from '../../../../sdk/contract/policy.ts';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { describeDuration } from '../../../../sdk/wording/duration.ts';
import { ORIGIN_LABELS } from '../../../../sdk/wording/labels.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';

type Props = { readonly session: Session; readonly config: ConfigView };

/** Every value of a session's policy, and where each comes from. */
export function Values({ session: { id, displayName, policy }, config }: Props) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const reset = (member: string) =>
    send(
      request => request('session/configure', { id, policy: { [member]: null } }),
      () => 'Reset to the configured value.',
    );
  const values = config.values.filter(({ session, key }) => session === id && isMember(key, policy));
  return (
    <details>
      <summary>
        All values<span class="unseen"> of {displayName}</span>
      </summary>
      <table class="values">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {values.map(({ key, value, origin }) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{describeValue(value)}</td>
              <td>
                {ORIGIN_LABELS[origin]}
                {origin === 'settings' && (
                  <Button kind="plain" off={busy || !live} press={() => reset(key)}>
                    Reset<span class="unseen"> {key}</span>
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Status message={message} />
    </details>
  );
}

const isMember = (key: string, policy: Policy): key is keyof Policy => Object.hasOwn(policy, key);

function describeValue(value: unknown): string {
  if (typeof value === 'string') return describeDuration(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' && value !== null
    ? Object.values(value).map(describeValue).join(' · ')
    : String(value);
}
