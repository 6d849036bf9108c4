import type { Connection } from './connection.ts';
import { PRUNE } from './statements.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Removes what is too old, once a day, after a heartbeat. The machines of a fleet do not do it at the same time. */
export function prune(connection: Connection, random = Math.random): () => void {
  let next = Date.now() + random() * HOUR_MS;
  const stop = connection.onBeat.add(() => {
    if (Date.now() < next) return;
    next = Date.now() + DAY_MS;
    void connection.query(PRUNE, []).catch(() => undefined);
  });
  return () => void stop();
}
