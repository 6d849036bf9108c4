import { useEffect, useState } from 'preact/hooks';

/** As in the style sheet. */
const NARROW = '(width < 48rem)';

/** Whether everything is in one column, as on a phone. */
export function useNarrow(): boolean {
  const [query] = useState(() => matchMedia(NARROW));
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const follow = () => setNarrow(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [query]);
  return isNarrow;
}
