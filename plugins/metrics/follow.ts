import type { FrontendContext } from '../../sdk/plugin/frontend.ts';
import type { Attempt, Session } from '../../sdk/contract/session.ts';
import type { Exposition } from './exposition.ts';
import { providerLabel } from './families.ts';

type Known = {
  readonly session: Session;
  readonly outcomes: Map<string, number>;
  /** When its next or current attempt is due. */
  readonly dueAt: number | undefined;
};

/** Attempts for these reasons were planned. The others begin when the user or a store wants them to. */
const PLANNED: readonly Attempt['reason'][] = ['schedule', 'wake'];

/**
 * Keeps the metrics as the kernel is, and calls `onChange` after each change. The notifications keep known sessions
 * current; `session/list` only says which sessions there are. Resolves when all are known.
 */
export async function followKernel(
  client: FrontendContext['client'],
  exposition: Exposition,
  onChange: () => void,
): Promise<void> {
  const all = new Map<string, Known>();

  function put(session: Session): void {
    const before = all.get(session.id);
    // An attempt that runs has no next one yet.
    const dueAt = session.state.name === 'refreshing' ? before?.dueAt : session.nextAttemptAt;
    const known = { session, outcomes: before?.outcomes ?? new Map<string, number>(), dueAt };
    all.set(session.id, known);
    exposition.session(known);
  }

  function count(attempt: Attempt): void {
    const known = all.get(attempt.id);
    if (!known) return;
    const { outcomes, session, dueAt } = known;
    outcomes.set(attempt.outcome, (outcomes.get(attempt.outcome) ?? 0) + 1);
    exposition.session(known);
    const planned = PLANNED.includes(attempt.reason);
    exposition.attempt(attempt, providerLabel(session.provider), planned ? dueAt : undefined);
    onChange();
  }

  const loadSessions = oneAtATime(async () => {
    const list = await client.request('session/list');
    const ids = new Set(list.map(({ id }) => id));
    for (const id of all.keys()) {
      if (ids.has(id)) continue;
      all.delete(id);
      exposition.removed(id);
    }
    for (const session of list) if (!all.has(session.id)) put(session);
    onChange();
  });

  const loadNotices = oneAtATime(async () => {
    exposition.notices(await client.request('notice/list'));
    onChange();
  });

  client.on('session/didChange', session => {
    if (!all.has(session.id)) return void loadSessions();
    put(session);
    onChange();
  });
  client.on('session/didAttempt', count);
  client.on('config/didChange', () => void loadSessions());
  client.on('notice/didRaise', () => void loadNotices());
  client.on('notice/didClear', () => void loadNotices());
  await Promise.all([loadSessions(), loadNotices()]);
}

/** Runs `load`, and again if it was called meanwhile. A failure is ignored: only a lost connection makes it fail. */
function oneAtATime(load: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isStale = false;
  async function run(): Promise<void> {
    do {
      isStale = false;
      await load().catch(() => undefined);
    } while (isStale);
    running = undefined;
  }
  return () => {
    isStale = true;
    return (running ??= run());
  };
}
