/** Work is done one after another, whatever becomes of the one before. */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return work => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
}

/** Who asks for it while it is under way gets what comes of that. */
export function joined<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () =>
    (underWay ??= work().finally(() => {
      underWay = undefined;
    }));
}
