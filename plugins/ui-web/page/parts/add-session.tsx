import { useState } from 'preact/hooks';
import type { Tool } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import {
  additionOf,
  commandOf,
  formsFor,
  missingIn,
  type AdditionField,
  type AdditionForm,
  type Texts,
} from '../format/addition-forms.ts';
import { problemAt, type Problem } from '../format/error.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Status } from './controls.tsx';
import { Command } from './text.tsx';

/** Adds a session without a configuration file. */
export function AddSession({ tools }: { readonly tools: readonly Tool[] }) {
  const forms = formsFor(tools);
  const [plugin, setPlugin] = useState(forms[0]?.plugin);
  const form = forms.find(one => one.plugin === plugin);
  return (
    <details class="add">
      <summary>Add a session</summary>
      <p class="quiet">It is saved in settings.json, and your configuration stays as it is.</p>
      <p class="add-field">
        <label for="add-plugin">What to keep alive</label>
        <select id="add-plugin" value={plugin} onChange={({ currentTarget: { value } }) => setPlugin(value)}>
          {forms.map(one => (
            <option key={one.plugin} value={one.plugin}>
              {one.label}
            </option>
          ))}
        </select>
      </p>
      {form && <Fields key={form.plugin} form={form} />}
    </details>
  );
}

function Fields({ form }: { readonly form: AdditionForm }) {
  const { live } = useKernel();
  const [texts, setTexts] = useState<Texts>({});
  const { busy, missing, message, command, submit, changed } = useAddition(form, texts, () => setTexts({}));
  return (
    <form
      noValidate
      onSubmit={event => {
        event.preventDefault();
        if (live && !busy) void submit();
      }}
    >
      {form.fields.map(field => (
        <OneField
          key={field.key}
          field={field}
          text={texts[field.key] ?? ''}
          problem={missing.includes(field.key) ? 'This is needed.' : problemAt(message?.problems ?? [], field.key)}
          change={text => {
            changed(field.key);
            setTexts(before => ({ ...before, [field.key]: text }));
          }}
        />
      ))}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={busy || !live}>
          {form.inTerminal ? 'Show the command' : busy ? 'Adding…' : 'Add session'}
        </button>
        <Status message={message && isAtFields(form, message.problems) ? SEE_FIELDS : message} />
      </div>
      {form.inTerminal && <InTerminal command={command} />}
    </form>
  );
}

/** A page may not add what runs a program or writes a file of its choice: its cookie can be copied. */
const InTerminal = ({ command }: { readonly command: string | undefined }) => (
  <div role="status">
    {command === undefined ? (
      <p class="small quiet">This is added in a terminal, because it names a program or a file to write to.</p>
    ) : (
      <p>
        Run this in a terminal: <Command text={command} />
      </p>
    )}
  </div>
);

const SEE_FIELDS = { text: 'It was not added. See the marked fields.', failed: true };

const isAtFields = ({ fields }: AdditionForm, problems: readonly Problem[] = []): boolean =>
  problems.length > 0 && problems.every(problem => fields.some(({ key }) => problemAt([problem], key) !== undefined));

/** Sends the form, or makes its command, when every field that is needed has a text. */
function useAddition(form: AdditionForm, texts: Texts, added: () => void) {
  const { busy, message, send } = useRequest();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [command, setCommand] = useState<string>();
  return {
    busy,
    missing,
    message,
    command,
    changed(key: string) {
      setMissing(before => before.filter(one => one !== key));
      setCommand(undefined);
    },
    async submit() {
      const lacking = missingIn(form, texts);
      setMissing(lacking);
      if (lacking[0] !== undefined) return document.getElementById(idOf(lacking[0]))?.focus();
      if (form.inTerminal) return setCommand(commandOf(form, texts));
      const session = await send(request => request('session/add', additionOf(form, texts)), describeAdded);
      if (session) added();
    },
  };
}

/** Without a login there is nothing to keep alive yet. */
const describeAdded = ({ displayName, state }: Session): string =>
  state.name === 'halted'
    ? `${displayName} was added. No login is there yet; as soon as there is one, it is kept alive.`
    : `${displayName} is kept alive now.`;

const idOf = (key: string): string => `add-${key}`;

type FieldProps = {
  readonly field: AdditionField;
  readonly text: string;
  readonly problem: string | undefined;
  readonly change: (text: string) => void;
};

function OneField({ field: { key, label, hint, example, optional }, text, problem, change }: FieldProps) {
  const id = idOf(key);
  return (
    <p class="add-field">
      <label for={id}>
        {label}
        {optional && <span class="quiet"> (optional)</span>}
      </label>
      <input
        id={id}
        class="field"
        value={text}
        placeholder={example}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        required={!optional}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget: { value } }) => change(value)}
      />
      <span id={`${id}-hint`} class={problem === undefined ? 'small quiet' : 'small failed'}>
        {problem ?? hint}
      </span>
    </p>
  );
}
