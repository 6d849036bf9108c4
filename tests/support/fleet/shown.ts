import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Attempt, Notice, Session } from '../../../sdk/contract/session.ts';

/** What a machine shows, for tests of fleets. */
export const session = (id: string, account?: string): Session => ({
  id,
  displayName: id,
  state: { name: 'idle', wakeAt: 0, wakeWhy: 'it is new', failures: 0 },
  provider: 'oauth',
  method: 'auto',
  account,
  policy: DEFAULT_POLICY,
});

export const notice = (id: string): Notice => ({
  id,
  session: 'own',
  level: 'warning',
  code: 'shared-login',
  title: 'A title',
  body: 'A body.',
  raisedAt: 1,
});

export const attempt = (id: string): Attempt => ({
  id,
  startedAt: 1,
  endedAt: 2,
  reason: 'schedule',
  method: 'auto',
  outcome: 'refreshed',
  failures: 0,
});
