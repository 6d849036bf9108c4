import type { KernelInfo } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';

export const CHANGED = 'session/didChange';

type Params = { readonly id?: string };
/** Answers a call of a client. */
export type Answer = (method: string, params: Params) => unknown;

/** A library as a server: it answers calls and sends sessions to all its clients, on its own port. */
export type Serve = (answer: Answer) => Promise<{
  readonly port: number;
  readonly announce: (session: Session) => void;
}>;

export const METHODS = ['kernel/info', 'session/get', 'session/list', 'session/pause'] as const;

/** What a daemon answered. */
export type Known = { readonly info: KernelInfo; readonly sessions: readonly Session[] };

/** Answers the same, from memory. */
export function answersFrom({ info, sessions }: Known, announce: (session: Session) => void): Answer {
  const known = new Map(sessions.map(session => [session.id, session]));
  return (method, { id = '' }) => {
    if (method === 'kernel/info') return info;
    if (method === 'session/list') return [...known.values()];
    const session = known.get(id);
    if (!session) throw new Error(`There is no session ${id}.`);
    if (method === 'session/get') return session;
    const paused: Session = { ...session, state: { name: 'halted', why: 'paused', hint: '', failures: 0 } };
    known.set(id, paused);
    announce(paused);
    return paused;
  };
}
