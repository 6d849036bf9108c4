import { useState } from 'preact/hooks';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { FIELDS, memberOf } from '../format/policy-fields.ts';
import { describeValue, originText, valueOf } from '../format/policy-values.ts';
import { SwitchValue, TextValue } from './value-field.tsx';

type Props = { readonly session: Session; readonly config: ConfigView };

/** Every value of a session's policy: what it means, where it comes from, and a field to change it. */
export function Values({ session, config }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        All values<span class="unseen"> of {session.displayName}</span>
      </summary>
      {open && <List session={session} config={config} />}
    </details>
  );
}

function List({ session, config }: Props) {
  const { id, policy } = session;
  return (
    <ul class="values">
      {(['enabled', 'schedule'] as const).map(key => (
        <li key={key}>
          <p class="value-name">
            <strong>{key === 'enabled' ? 'Kept alive' : 'Schedule'}</strong> <code>{key}</code>
          </p>
          <p class="value-now">{describeValue(key, policy[key])}</p>
          <p class="value-origin">{originText(valueOf(config, id, key))}</p>
          <p class="value-hint">{key === 'enabled' ? 'Its switch is above.' : 'Its fields are above.'}</p>
        </li>
      ))}
      {FIELDS.map(field => {
        const value = valueOf(config, id, memberOf(field));
        const props = { session, value };
        return (
          <li key={field.key}>
            {field.kind === 'switch' ? (
              <SwitchValue {...props} field={field} />
            ) : (
              <TextValue {...props} field={field} />
            )}
          </li>
        );
      })}
    </ul>
  );
}
