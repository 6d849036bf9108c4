import { useEffect, useRef } from 'preact/hooks';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { Button } from './controls.tsx';

type Props = {
  readonly type: 'time' | 'date';
  /** Of all, and of one of them. */
  readonly name: string;
  readonly one: string;
  readonly values: readonly string[];
  readonly problem: string | undefined;
  readonly change: (values: readonly string[]) => void;
};

/** Several times or dates, each in its own field. */
export function InputList({ type, name, one, values, problem, change }: Props) {
  const list = useRef<HTMLFieldSetElement>(null);
  const count = useRef(values.length);
  // A field that was added is the one to fill.
  useEffect(() => {
    if (values.length > count.current) [...(list.current?.querySelectorAll('input') ?? [])].at(-1)?.focus();
    count.current = values.length;
  }, [values.length]);
  const hint = `${type}-problem`;
  return (
    <fieldset ref={list} class="input-list">
      <legend>{name}</legend>
      {values.map((value, index) => (
        <span key={index} class="input-of-list">
          <input
            type={type}
            class="field"
            aria-label={`${capitalized(one)} ${index + 1}`}
            aria-invalid={problem !== undefined}
            aria-describedby={hint}
            value={value}
            onInput={({ currentTarget }) => change(values.with(index, currentTarget.value))}
          />
          {(type === 'date' || values.length > 1) && (
            <Button kind="plain" off={false} press={() => change(values.toSpliced(index, 1))}>
              Remove
              <span class="unseen">
                {' '}
                {one} {index + 1}
              </span>
            </Button>
          )}
        </span>
      ))}
      <Button kind="plain" off={false} press={() => change([...values, ''])}>
        Add a {one}
      </Button>
      <p id={hint} class="small failed">
        {problem}
      </p>
    </fieldset>
  );
}
