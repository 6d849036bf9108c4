import {
  defineCommandSession,
  defineCookieSession,
  defineOAuthSession,
  defineSession,
  ownerTouch,
  type NoLogin,
  type StoredLogin,
} from '../../sdk/recipes/index.ts';

// `npm run check` verifies that this compiles, and that each line below @ts-expect-error does not.

const file = {
  id: 'acme',
  file: '~/.acme/token.json',
  tokenEndpoint: 'https://auth.acme.example/token',
  clientId: 'acme',
  paths: { access: 'a', refresh: 'r' },
};

defineOAuthSession({ ...file, signIn: 'Run `acme login`.' });
// @ts-expect-error `signIn` is required
defineOAuthSession(file);
// @ts-expect-error a token that cannot be renewed needs no recipe
defineOAuthSession({ ...file, signIn: 'Sign in.', paths: { access: 'a' } });

defineCookieSession({ id: 'acme', jar: '~/cookies.txt', pings: ['https://acme.example/'], signIn: 'Sign in.' });
// @ts-expect-error a browser's cookies need something that reads its database
defineCookieSession({ id: 'acme', jar: { browser: 'firefox' }, pings: ['https://acme.example/'], signIn: 'Sign in.' });

defineCommandSession({ id: 'acme', run: ['acme', 'refresh'], signIn: 'Sign in.' });
// @ts-expect-error a command has a program
defineCommandSession({ id: 'acme', run: [], signIn: 'Sign in.' });

export const logins: readonly (StoredLogin | NoLogin)[] = [
  { store: '~/.acme', signIn: 'Sign in.', fingerprint: 'f', expiresAt: new Date() },
  { hint: 'Sign in.' },
  // @ts-expect-error times of a login are dates, not numbers
  { store: '~/.acme', signIn: 'Sign in.', fingerprint: 'f', expiresAt: 1_800_000_000 },
];

const session = {
  id: 'acme',
  displayName: 'Acme',
  owner: 'acme',
  program: 'acme',
  policy: {},
  look: async () => ({ hint: 'Sign in.' }),
  files: () => ['~/.acme'] as const,
} as const;

defineSession({ ...session, method: 'auto', touch: ownerTouch(() => ({ args: ['refresh'], proven: true })) });
// @ts-expect-error there is no such method
defineSession({ ...session, method: 'guess' });
// @ts-expect-error `proven` is required
ownerTouch(() => ({ args: ['refresh'] }));
