import type { ComponentChildren } from 'preact';
import type { PolicyPatch } from '../../../../sdk/contract/policy.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { memberOf, type Field, type SwitchField, type TextField } from '../format/policy-fields.ts';
import { originText, type PolicyValue } from '../format/policy-values.ts';
import { useDraft } from '../kernel/use-draft.ts';
import { useKernel, useRequest, type Message } from '../kernel/use-kernel.ts';
import { useSwitch } from '../kernel/use-switch.ts';
import { Override, Status } from './controls.tsx';

type Props<F extends Field> = {
  readonly session: Session;
  readonly field: F;
  readonly value: PolicyValue | undefined;
};

/** A value that is written into a field. Enter saves it, Escape undoes what was typed. */
export function TextValue({ session, field, value }: Props<TextField>) {
  const { id, policy } = session;
  const { live } = useKernel();
  const { busy, message, save, clear } = useSave(id);
  const { text, problem, input } = useDraft(field.show(policy), {
    changed: clear,
    commit(typed) {
      const parsed = field.parse(typed, policy);
      return 'problem' in parsed ? parsed.problem : save(parsed.patch);
    },
  });
  return (
    <Row {...{ session, field, value }} message={problem === undefined ? message : { text: problem, failed: true }}>
      <input
        {...input}
        id={idOf(session, field)}
        class={`field field-value field-${field.key}`}
        value={text}
        disabled={!live}
        autocomplete="off"
        aria-busy={busy}
        aria-invalid={problem !== undefined || message?.failed === true}
        aria-describedby={`${idOf(session, field)}-hint`}
      />
    </Row>
  );
}

export function SwitchValue({ session, field, value }: Props<SwitchField>) {
  const { live } = useKernel();
  const { message, save } = useSave(session.id);
  const { checked, change } = useSwitch(session.policy[field.key], on => save({ [field.key]: on }));
  return (
    <Row {...{ session, field, value, message }}>
      <input
        type="checkbox"
        id={idOf(session, field)}
        checked={checked}
        disabled={!live}
        onChange={({ currentTarget }) => change(currentTarget.checked)}
        aria-describedby={`${idOf(session, field)}-hint`}
      />
    </Row>
  );
}

function useSave(id: string) {
  const { send, ...rest } = useRequest();
  const save = async (policy: PolicyPatch): Promise<boolean> => {
    const saved = await send(
      request => request('session/configure', { id, policy }),
      () => 'Saved.',
    );
    return saved !== undefined;
  };
  return { ...rest, save };
}

const idOf = ({ id }: Session, { key }: Field): string => `value-${id}-${key}`;

type RowProps = Props<Field> & { readonly message: Message | undefined; readonly children: ComponentChildren };

function Row({ session, field, value, message, children }: RowProps) {
  const { key, label, hint } = field;
  const fieldId = idOf(session, field);
  // A value of several parts is reset as a whole, at its first part.
  const isWhole = memberOf(field) === key || key.endsWith('.initial');
  return (
    <>
      <p class="value-name">
        <label for={fieldId}>{label}</label> <code>{key}</code>
      </p>
      <p class="value-now">{children}</p>
      <p class="value-origin">{originText(value)}</p>
      <p class="value-hint" id={`${fieldId}-hint`}>
        {hint}
      </p>
      <div class="value-more">
        <Status message={message} />
        {isWhole && <Override session={session.id} value={value} name={label} />}
      </div>
    </>
  );
}
