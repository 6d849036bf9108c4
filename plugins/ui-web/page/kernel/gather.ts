export type Gathered<T> = {
  readonly add: (item: T) => void;
  /** Passes on at once what has come so far. */
  readonly pass: () => void;
};

/**
 * Passes on together what comes within this time, so that the page is drawn once for it. A frame of the browser would
 * not do: a hidden page has none, and its title counts what needs the user.
 */
export function gather<T>(send: (item: T) => void, ms: number): Gathered<T> {
  let items: T[] = [];
  const pass = (): void => {
    const gathered = items;
    items = [];
    for (const item of gathered) send(item);
  };
  return {
    add: item => {
      if (items.push(item) === 1) setTimeout(pass, ms);
    },
    pass,
  };
}
