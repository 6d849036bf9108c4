import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
const tick = () => document.hidden || listeners.forEach(listener => listener());
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(tick, TICK_MS);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener('visibilitychange', tick);
  };
}

type Plain = string | number | boolean | undefined;

/** A value that depends on the time. The component is drawn again only when the value changes. */
export function useTimed<T extends Plain>(compute: (now: Instant) => T): T {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const value = compute(Date.now());
  const latest = useRef({ compute, value });
  latest.current = { compute, value };
  useEffect(
    () =>
      subscribe(() => {
        if (latest.current.compute(Date.now()) !== latest.current.value) redraw(undefined);
      }),
    [],
  );
  return value;
}

const MINUTE = 60_000;

/** The time, updated each minute and when one of these moments passes. */
export function useNow(moments: readonly Instant[]): Instant {
  useTimed(now => Math.max(Math.floor(now / MINUTE) * MINUTE, ...moments.filter(moment => moment <= now)));
  return Date.now();
}
