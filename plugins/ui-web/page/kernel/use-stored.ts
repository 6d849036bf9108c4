import { useState } from 'preact/hooks';

/** A text that stays while this tab is open, also when the page is loaded again. */
export function useStored(name: string): readonly [text: string, store: (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(name) ?? '');
  const store = (next: string) => {
    sessionStorage.setItem(name, next);
    setText(next);
  };
  return [text, store];
}
