import type { Connection } from './connection.ts';
import { PRUNE } from './statements.ts';

const DAY_MS = 86_400_000;

/** Removes what is too old, once a day at most, after a heartbeat. */
export function prune(connection: Connection): () => void {
  let next = 0;
  const stop = connection.onBeat.add(() => {
    if (Date.now() < next) return;
    next = Date.now() + DAY_MS;
    void connection.query(PRUNE, []).catch(() => undefined);
  });
  return () => void stop();
}
