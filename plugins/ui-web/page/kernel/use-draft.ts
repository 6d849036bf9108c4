import { useEffect, useRef, useState } from 'preact/hooks';

type InputEvent = { readonly currentTarget: HTMLInputElement };

export type Draft = {
  readonly text: string;
  /** Why the text cannot be saved. */
  readonly problem: string | undefined;
  /** The handlers of the field. */
  readonly input: {
    readonly onInput: (event: InputEvent) => void;
    readonly onChange: (event: InputEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent & InputEvent) => void;
  };
};

type Actions = {
  /** Saves the text. Returns why it cannot be saved, or whether it was. */
  readonly commit: (text: string) => string | Promise<boolean>;
  /** The saved value was changed elsewhere. */
  readonly changed: () => void;
};

/**
 * What the user types over a saved value. Enter, or leaving the field, saves it; Escape undoes it. A change made
 * elsewhere is followed, but not while the user types.
 */
export function useDraft(saved: string, { commit, changed }: Actions): Draft {
  const [draft, setDraft] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const known = useRef({ saved, isOwn: false });
  useEffect(() => {
    if (known.current.saved !== saved && !known.current.isOwn) changed();
    known.current.saved = saved;
  }, [saved]);
  const undo = () => {
    setDraft(undefined);
    setProblem(undefined);
  };
  return {
    text: draft ?? saved,
    problem,
    input: {
      onInput: ({ currentTarget: { value } }) => setDraft(value),
      onChange({ currentTarget: { value } }) {
        if (value === saved) return undo();
        const result = commit(value);
        setProblem(typeof result === 'string' ? result : undefined);
        if (typeof result === 'string') return;
        known.current.isOwn = true;
        // What was refused stays in the field, so that it can be corrected.
        void result.then(isSaved => {
          known.current.isOwn = false;
          if (isSaved) setDraft(current => (current === value ? undefined : current));
        });
      },
      onKeyDown(event) {
        if (event.key !== 'Escape' || draft === undefined) return;
        event.currentTarget.value = saved;
        undo();
      },
    },
  };
}
