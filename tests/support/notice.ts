import type { Notice } from '../../sdk/contract/session.ts';

/** A notice as the kernel raises it. */
export const notice = (given: Partial<Notice> = {}): Notice => ({
  id: 'codex:login-required',
  session: 'codex',
  level: 'error',
  code: 'login-required',
  title: 'Codex needs a login',
  body: 'The login has ended.',
  action: 'Run `codex login`.',
  raisedAt: Date.UTC(2026, 0, 1),
  ...given,
});
