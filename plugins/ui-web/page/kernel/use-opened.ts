import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { useStored } from './use-stored.ts';

const PREFIX = '#session-';

/** Which sessions are open. A link to a session opens it; `reveal` is called before. */
export function useOpened(reveal: () => void): {
  readonly opened: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
} {
  const [stored, store] = useStored('opened');
  const opened = useMemo(() => new Set(stored.split(' ').filter(Boolean)), [stored]);
  const latest = useRef(opened);
  latest.current = opened;
  const change = (ids: Iterable<string>) => {
    latest.current = new Set(ids);
    store([...latest.current].join(' '));
  };
  const toggle = useCallback((id: string) => {
    const isOpen = latest.current.has(id);
    change(isOpen ? [...latest.current].filter(one => one !== id) : [...latest.current, id]);
    // So that the same link opens it again.
    if (isOpen && location.hash === PREFIX + id) history.replaceState(null, '', location.pathname);
  }, []);
  useEffect(() => {
    const follow = () => {
      if (!location.hash.startsWith(PREFIX)) return;
      const id = decodeURIComponent(location.hash.slice(PREFIX.length));
      reveal();
      change([...latest.current, id]);
      requestAnimationFrame(() => document.getElementById(`session-${id}`)?.scrollIntoView());
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [reveal]);
  return { opened, toggle };
}
