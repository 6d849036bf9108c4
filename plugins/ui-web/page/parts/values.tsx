import type { Policy } from '../../../../sdk/contract/policy.ts';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import { showSpan } from '../span.ts';
import { sayOrigin } from '../words.ts';
import { Button } from './button.tsx';

/** Every value of its policy, and where each comes from. */
export function Values({
  session: { id, displayName, policy },
  config,
}: {
  readonly session: Session;
  readonly config: ConfigView;
}) {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const back = (member: string) =>
    ask(
      request => request('session/configure', { id, policy: { [member]: null } }),
      () => 'Back to the configuration.',
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
            <th scope="col">Value</th>
            <th scope="col">In force</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {values.map(({ key, value, origin }) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{show(value)}</td>
              <td>
                {sayOrigin(origin)}
                {origin === 'settings' && (
                  <Button kind="plain" off={busy || !live} press={() => back(key)}>
                    Go back<span class="unseen"> for {key}</span>
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class={`said ${said?.failed ? 'failed' : ''}`} role="status">
        {said?.text}
      </p>
    </details>
  );
}

const isMember = (key: string, policy: Policy): key is keyof Policy => Object.hasOwn(policy, key);

function show(value: unknown): string {
  if (typeof value === 'string') return showSpan(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' && value !== null ? Object.values(value).map(show).join(' · ') : String(value);
}
