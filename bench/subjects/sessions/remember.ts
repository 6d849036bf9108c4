import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Slots } from '../../../state/states-slots.ts';
import { STATES_VERSION, type SessionRecord } from '../../../sdk/contract/session.ts';

const MINUTE = 60_000;

/** Writes the states of these sessions as a daemon leaves them that attempted each a minute ago. */
export async function rememberSessions(home: string, count: number): Promise<void> {
  const now = Date.now();
  const ids = Array.from({ length: count }, (_, index) => `session-${index}`);
  const content = {
    members: new Map<string, unknown>([
      ['stoppedAt', now],
      ['kept', ids],
    ]),
    notices: new Map(),
    sessions: new Map(ids.map((id, index) => [id, recordOf(id, index, now - MINUTE)])),
  };
  const pieces = new Slots('0123456789abcdef').layOut(STATES_VERSION, content);
  await writeFile(join(home, 'states.json'), [...pieces].join(''), { mode: 0o600 });
}

/** Due up to half a minute before the usual five minutes, as the jitter allows. */
function recordOf(id: string, index: number, at: number): SessionRecord {
  const expiresAt = at + 60 * MINUTE;
  const wakeAt = expiresAt - 5 * MINUTE - (index % 29_000);
  return {
    displayName: `Session ${id.slice('session-'.length)}`,
    state: { name: 'alive', wakeAt, wakeWhy: '5 minutes before it expires', expiresAt },
    lastAttemptAt: at,
    askedNobody: true,
    expiresAt,
    expirySeenAt: at,
    lastSuccessAt: at,
    lastAttempt: {
      id,
      startedAt: at,
      endedAt: at,
      reason: 'schedule',
      method: 'auto',
      outcome: 'fresh',
      failures: 0,
    },
  };
}
