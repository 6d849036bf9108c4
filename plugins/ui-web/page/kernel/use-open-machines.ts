import { useCallback, useRef } from 'preact/hooks';
import { useStored } from './use-stored.ts';

/** Which machines are open, as long as this tab is. `isOpenAtFirst` holds for those that the user has left alone. */
export function useOpenMachines(isOpenAtFirst: boolean): {
  readonly isOpen: (machine: string) => boolean;
  readonly toggle: (machine: string, isOpen: boolean) => void;
} {
  const [stored, store] = useStored('machines');
  const words = stored.split(' ').filter(Boolean);
  const latest = useRef({ words, store });
  latest.current = { words, store };
  const toggle = useCallback((machine: string, isOpen: boolean) => {
    const { current } = latest;
    const others = current.words.filter(word => word.slice(1) !== machine);
    current.store([...others, `${isOpen ? '-' : '+'}${machine}`].join(' '));
  }, []);
  const isOpen = (machine: string) =>
    words.includes(`+${machine}`) || (isOpenAtFirst && !words.includes(`-${machine}`));
  return { isOpen, toggle };
}
