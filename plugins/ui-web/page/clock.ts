import { useEffect, useState } from 'preact/hooks';
import type { Instant } from '../../../sdk/contract/session.ts';

/** The time, each second while somebody looks. */
export function useNow(): Instant {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const look = () => document.hidden || setNow(Date.now());
    const timer = setInterval(look, 1_000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return now;
}
