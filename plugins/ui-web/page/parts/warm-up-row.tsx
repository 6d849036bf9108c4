import type { ComponentChildren } from 'preact';
import type { FieldProblems, WarmUpDraft, WarmUpField } from '../format/warm-up-form.ts';

export type FormProps = {
  readonly draft: WarmUpDraft;
  readonly problems: FieldProblems;
  readonly change: (changed: Partial<WarmUpDraft>) => void;
};

type TextField = 'session' | 'every' | 'perDay' | 'timezone' | 'missed' | 'model';

const idOf = (field: WarmUpField): string => `warm-up-${field}`;

/** What every control of one value has. */
export const control = (field: TextField, { draft, problems, change }: FormProps) => ({
  id: idOf(field),
  value: draft[field],
  'aria-invalid': problems[field] !== undefined,
  'aria-describedby': `${idOf(field)}-hint`,
  onInput: ({ currentTarget: { value } }: { readonly currentTarget: { readonly value: string } }) =>
    change({ [field]: value }),
});

const PLAIN_TEXT = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const;

export const text = (field: TextField, props: FormProps) => ({
  ...control(field, props),
  class: 'field',
  ...PLAIN_TEXT,
});

type SelectProps = FormProps & { readonly field: TextField; readonly options: Readonly<Record<string, string>> };

export const Select = ({ field, options, ...props }: SelectProps) => (
  <select {...control(field, props)}>
    {Object.entries(options).map(([value, label]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
);

type RowProps = Pick<FormProps, 'problems'> & {
  readonly field: TextField;
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  readonly children: ComponentChildren;
};

export function Row({ field, label, hint, optional, problems, children }: RowProps) {
  const problem = problems[field];
  return (
    <p class="add-field">
      <label for={idOf(field)}>
        {label}
        {optional && <span class="quiet"> (optional)</span>}
      </label>
      {children}
      <span id={`${idOf(field)}-hint`} class={`small ${problem === undefined ? 'quiet' : 'failed'}`}>
        {problem ?? hint}
      </span>
    </p>
  );
}
