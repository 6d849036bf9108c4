import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { Attempt, KernelInfo, Session } from '../../sdk/index.ts';

export async function requests(client: KeepaliveClient): Promise<void> {
  const info: KernelInfo = await client.request('kernel/info');
  const sessions: readonly Session[] = await client.request('session/list');
  const session: Session = await client.request('session/refresh', { id: 'codex', force: true });
  const attempts: readonly Attempt[] = await client.request('session/history', { limit: 10 });
  await client.request('session/configure', { id: 'codex', policy: { schedule: null, minInterval: '5m' } });
  const nothing: null = await client.request('kernel/stop');
  void [info, sessions, session, attempts, nothing];

  // @ts-expect-error there is no such method
  await client.request('session/delete', { id: 'codex' });
  // @ts-expect-error the id is required
  await client.request('session/get');
  // @ts-expect-error an id is a text
  await client.request('session/get', { id: 1 });
  // @ts-expect-error misspelt
  await client.request('session/refresh', { id: 'codex', forced: true });
  // @ts-expect-error a duration has a unit
  await client.request('session/configure', { id: 'codex', policy: { minInterval: 5 } });
  // @ts-expect-error this method takes no params
  await client.request('session/list', { id: 'codex' });
}

export function notifications(client: KeepaliveClient): void {
  client.on('session/didChange', ({ id, state }) => void [id, state.name]);
  client.on('kernel/willStop', ({ reason }) => void reason.length);
  // @ts-expect-error there is no such notification
  client.on('session/didDelete', () => undefined);
  // @ts-expect-error it carries a session, not an attempt
  client.on('session/didChange', ({ outcome }) => void outcome);
}

/** Each state has only its own members. */
export function states({ state }: Session): number | string {
  switch (state.name) {
    case 'idle':
      return state.wakeAt;
    case 'refreshing':
      return state.since;
    case 'alive':
      return state.expiresAt ?? state.wakeWhy;
    case 'waiting':
      return state.hint;
    case 'halted':
      // @ts-expect-error a halted session may have no next attempt
      void state.wakeAt.toFixed();
      return state.wakeWhy ?? state.hint;
    default:
      return state satisfies never;
  }
}
