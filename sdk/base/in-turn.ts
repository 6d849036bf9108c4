/** A queue that runs one task at a time. If one fails, the next still runs. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return task => {
    const done = last.then(task);
    last = done.catch(() => undefined);
    return done;
  };
}

/** Joins concurrent calls: a call while the task is running gets the result of that run. */
export function joined<T>(task: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () =>
    (running ??= task().finally(() => {
      running = undefined;
    }));
}
