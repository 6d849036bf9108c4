import { useCallback, useState } from 'preact/hooks';
import type { SessionFilter } from '../format/session-filter.ts';

/** A text that stays while this tab is open, also when the page is loaded again. */
export function useStored(name: string): readonly [text: string, store: (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(name) ?? '');
  const store = (next: string) => {
    sessionStorage.setItem(name, next);
    setText(next);
  };
  return [text, store];
}

/** How the sessions are filtered. */
export function useSessionFilter(): readonly [SessionFilter, (filter: SessionFilter) => void] {
  const [text, setText] = useStored('filter');
  const [status, setStatus] = useStored('status');
  const set = useCallback((filter: SessionFilter) => {
    setText(filter.text);
    setStatus(filter.status);
  }, []);
  return [{ text, status }, set];
}
