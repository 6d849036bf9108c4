import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { History } from '../../../state/history.ts';
import { openStateFile } from '../../../state/states.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Attempt } from '../../../sdk/contract/session.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { startBusy, type Load } from './load.ts';

/** What was not on disk after a daemon was killed. All are zero unless a promise is broken. */
export type Lost = {
  /** Attempts that a client got, in a notification or an answer. */
  readonly announced: number;
  /** Of these, those that the saved states do not show. */
  readonly notSaved: number;
  /** Of these, those that the history does not have. */
  readonly notInHistory: number;
  /** Calls of a provider. */
  readonly asked: number;
  /** Of these, those that were made before the attempt was saved. */
  readonly askedUnsaved: number;
};

/**
 * Kills a daemon that makes attempts once a client got this many, and compares what was seen with what is on disk. With
 * more than some thousand, the history drops its older half.
 */
export async function killBusy(load: Load & { readonly dist: string }, afterAttempts: number): Promise<Lost> {
  const announced: Attempt[] = [];
  let kill: () => void = () => undefined;
  const killed = new Promise<void>(resolve => (kill = resolve));
  // More may arrive after the kill: what was sent was announced.
  const note = (attempt: Attempt) => {
    if (announced.push(attempt) === afterAttempts) kill();
  };
  const { daemon, clients, close } = await startBusy({ ...load, notesCalls: true, clients: 2 }, note);
  const ended = once(daemon.process, 'exit');
  const requesting = clients.map(client => requestAll(client, load.sessions, note));
  await killed;
  daemon.process.kill('SIGKILL');
  await ended;
  await Promise.all(requesting);
  close();
  const lost = await compare(daemon.home, announced);
  await rm(daemon.home, { recursive: true });
  return lost;
}

/** Requests attempts until the daemon ends. */
async function requestAll(client: KeepaliveClient, sessions: number, onAttempt: (attempt: Attempt) => void) {
  try {
    for (let n = 0; ; n = (n + 1) % sessions) {
      const { lastAttempt } = await client.request('session/refresh', { id: `session-${n}` });
      if (lastAttempt) onAttempt(lastAttempt);
    }
  } catch {
    // The connection is lost.
  }
}

async function compare(folder: string, announced: readonly Attempt[]): Promise<Lost> {
  const home = locateHome({ KEEPALIVE_HOME: folder });
  // As the next daemon reads them.
  const { sessions } = await openStateFile(home, silentLog());
  const isSaved = ({ id, endedAt }: Attempt) => (sessions.get(id)?.lastAttempt?.endedAt ?? 0) >= endedAt;
  const history = await new History(home.history, silentLog()).list({ limit: Infinity });
  const lines = new Set(history.map(nameOf));
  const asked = await readFile(join(folder, 'asked'), 'utf8').then(text => text.trimEnd().split('\n').map(toCall));
  return {
    announced: announced.length,
    notSaved: announced.filter(attempt => !isSaved(attempt)).length,
    notInHistory: announced.filter(attempt => !lines.has(nameOf(attempt))).length,
    asked: asked.length,
    askedUnsaved: [...beforeLast(asked)].filter(([id, at]) => (sessions.get(id)?.lastAttemptAt ?? -1) < at).length,
  };
}

const nameOf = ({ id, endedAt }: Attempt): string => `${id} ${endedAt}`;

type Call = { readonly id: string; readonly at: number };

const toCall = (line: string): Call => {
  const [id = '', at] = line.split(' ');
  return { id, at: Number(at) };
};

/** The time of the last call but one of each session. The attempt of the last call began later. */
function beforeLast(calls: readonly Call[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const before = new Map<string, number>();
  for (const { id, at } of calls) {
    before.set(id, last.get(id) ?? 0);
    last.set(id, at);
  }
  return before;
}
