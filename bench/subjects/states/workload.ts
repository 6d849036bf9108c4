import type { SessionRecord } from '../../../sdk/contract/session.ts';

/** How the changes come: one now and then, or many at once. */
export type Arrival = 'sparse' | 'burst';

/** How many changes are under way in a burst. */
const AT_ONCE = 100;

/** What saves the record of a session. */
export type Saver = {
  readonly put: (id: string, record: SessionRecord) => Promise<void>;
  /** Resolves when nothing is left to write. */
  readonly settle: () => Promise<void>;
};

export const idOf = (index: number): string => `session-${index}`;

/** A record as an attempt of a provider with an OAuth login leaves it. */
export function recordOf(index: number, attempt: number): SessionRecord {
  const at = 1_764_000_000_000 + attempt * 60_000;
  const id = idOf(index);
  const ends = { expiresAt: at + 3_600_000, loginExpiresAt: at + 2_592_000_000 };
  return {
    displayName: `Session ${index}`,
    state: { name: 'alive', wakeAt: at + 1_800_000, wakeWhy: 'every 30 minutes', ...ends },
    lastAttemptAt: at,
    lastSuccessAt: at + 420,
    lastRenewedAt: at + 420,
    expirySeenAt: at + 420,
    ...ends,
    fingerprint: 'e17c8cbd6983c8e5',
    login: {
      store: `/home/user/.tools/${id}/credentials.json`,
      refresh: 'ef854191d979f1ae',
      spent: ['a17c8cbd6983c8e5'],
    },
    lastAttempt: {
      id,
      startedAt: at,
      endedAt: at + 420,
      reason: 'schedule',
      method: 'redeem',
      outcome: 'refreshed',
      failures: 0,
    },
  };
}

/** Makes changes of sessions all over the file. */
export async function change(
  { put, settle }: Saver,
  { sessions, changes, arrival }: { readonly sessions: number; readonly changes: number; readonly arrival: Arrival },
): Promise<void> {
  const one = async (nth: number): Promise<void> => {
    // A prime step, so that changes that follow each other are not neighbours.
    const index = (nth * 7_919) % sessions;
    await put(idOf(index), recordOf(index, nth));
    if (arrival === 'sparse') await settle();
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < changes) await one(next++);
  };
  await Promise.all(Array.from({ length: arrival === 'burst' ? AT_ONCE : 1 }, worker));
  await settle();
}
