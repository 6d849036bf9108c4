import type { FrontendContext } from '../../../sdk/plugin/frontend.ts';
import { DEFAULT_POLICY } from '../../../sdk/index.ts';
import type { Attempt, Notice, Session } from '../../../sdk/contract/session.ts';

type Client = FrontendContext['client'];

export const sessionOf = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  displayName: id,
  provider: 'oauth',
  method: 'redeem',
  policy: DEFAULT_POLICY,
  state: { name: 'idle', failures: 0, wakeAt: 5_000, wakeWhy: 'soon' },
  nextAttemptAt: 5_000,
  ...more,
});

export const attemptOf = (id: string, more: Partial<Attempt> = {}): Attempt => ({
  id,
  startedAt: 5_500,
  endedAt: 7_500,
  reason: 'schedule',
  method: 'redeem',
  outcome: 'refreshed',
  failures: 0,
  ...more,
});

/** A kernel that answers from these lists, and sends notifications when a test wants it to. */
export function fakeKernel(sessions: Session[], notices: Notice[] = []) {
  const listeners = new Map<string, (params: unknown) => void>();
  const asked: string[] = [];
  let isLost = false;
  const answers: Readonly<Record<string, () => unknown>> = {
    'kernel/info': () => ({ version: '1.2.3', clients: 4 }),
    'session/list': () => [...sessions],
    'notice/list': () => [...notices],
  };
  const client = {
    origin: undefined,
    request: async (method: string) => {
      asked.push(method);
      if (isLost) throw new Error('lost');
      return answers[method]?.();
    },
    on: (notification: string, listener: (params: never) => void) => {
      listeners.set(notification, listener as (params: unknown) => void);
      return () => undefined;
    },
    onStatus: (listener: (status: 'lost') => void) => {
      listeners.set('status', () => listener('lost'));
      return () => undefined;
    },
    close: () => undefined,
  } as Client;
  return {
    client,
    asked,
    sessions,
    notices,
    send: (notification: string, params: unknown) => listeners.get(notification)?.(params),
    lose() {
      isLost = true;
      listeners.get('status')?.(undefined);
    },
  };
}
