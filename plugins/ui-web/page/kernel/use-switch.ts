import { useRef, useState } from 'preact/hooks';

export type Switch = { readonly checked: boolean; readonly change: (on: boolean) => void };

/**
 * A switch stays as the user left it until the kernel has answered. Changes are made one after the other, so that the
 * last one wins.
 */
export function useSwitch(current: boolean, save: (on: boolean) => Promise<unknown>): Switch {
  const [wanted, setWanted] = useState<boolean>();
  const changes = useRef<Promise<unknown>>(Promise.resolve());
  return {
    checked: wanted ?? current,
    change(on) {
      setWanted(on);
      changes.current = changes.current
        .then(() => save(on))
        .then(() => setWanted(latest => (latest === on ? undefined : latest)));
    },
  };
}
