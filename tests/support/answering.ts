import { defineProvider, type ProviderPlugin } from 'session-keepalive/sdk';

type Answer = 'refreshed' | 'fresh' | 'login-required' | 'unavailable' | 'offline' | 'failed';

/** A provider with a fixed answer, for tests and screenshots of every state. */
export default ({
  id,
  displayName,
  answer = 'refreshed',
  method = 'touch',
  lifeMs = 3_600_000,
  loginMs,
  takesMs = 0,
}: {
  readonly id: string;
  readonly displayName: string;
  readonly answer?: Answer;
  readonly method?: string;
  readonly lifeMs?: number;
  readonly loginMs?: number;
  readonly takesMs?: number;
}): ProviderPlugin =>
  defineProvider({
    id,
    displayName,
    async refresh({ force, now, last }) {
      await new Promise(resolve => setTimeout(resolve, takesMs));
      const times = {
        expiresAt: new Date(now() + lifeMs),
        ...(loginMs === undefined ? {} : { loginExpiresAt: new Date(now() + loginMs) }),
      };
      switch (answer) {
        case 'refreshed':
          return { status: 'refreshed', method, ...times };
        case 'fresh':
          return force
            ? { status: 'refreshed', method, ...times }
            : { status: 'fresh', method, ...times, ...(last?.expiresAt ? { expiresAt: last.expiresAt } : {}) };
        case 'login-required':
          return {
            status: 'login-required',
            method,
            hint: 'Sign in again: run `acme login`.',
            proof: 'The server said that it is over.',
          };
        case 'unavailable':
          return { status: 'unavailable', method, hint: 'No credential was found. Sign in with the tool first.' };
        case 'offline':
          throw Object.assign(new TypeError('fetch failed'), { code: 'ENOTFOUND' });
        case 'failed':
          throw new Error('The answer was not understood.');
      }
    },
  });
