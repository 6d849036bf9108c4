import {
  defineFrontend,
  defineNotifier,
  defineProvider,
  type PluginFactory,
  type ProviderPlugin,
  type RefreshOutcome,
} from '../../sdk/index.ts';

// `npm run check` verifies that this compiles, and that each line below @ts-expect-error does not.

export const outcomes: readonly RefreshOutcome[] = [
  { status: 'refreshed' },
  { status: 'refreshed', expiresAt: new Date(), loginExpiresAt: undefined, method: 'touch' },
  { status: 'fresh', expiresAt: undefined },
  { status: 'deferred', reason: 'The owner is at work.' },
  { status: 'rate-limited', retryAt: new Date() },
  { status: 'login-required', hint: 'Sign in.', proof: 'The vendor refused the token for good.' },
  { status: 'unavailable', hint: 'Install it.' },
  // @ts-expect-error a provider cannot invent a status
  { status: 'ok' },
  // @ts-expect-error a required login needs a proof
  { status: 'login-required', hint: 'Sign in.' },
  // @ts-expect-error a hint is required
  { status: 'unavailable' },
  // @ts-expect-error an outcome has no member for a token
  { status: 'refreshed', accessToken: 'abc' },
  // @ts-expect-error times of an outcome are dates, not numbers
  { status: 'refreshed', expiresAt: 1_800_000_000 },
];

export const minimal: ProviderPlugin = defineProvider({
  id: 'acme',
  displayName: 'Acme',
  refresh: async () => ({ status: 'fresh' }),
});

defineProvider({
  id: 'acme',
  displayName: 'Acme',
  policy: { schedule: { mode: 'interval', every: '30m' }, maxFailures: undefined },
  async refresh({ fetch, signal, files, exec, now }) {
    const { ok } = await fetch('https://acme.example/', { signal });
    const text: string | undefined = await files.read('~/.acme/login.json');
    const { exitCode } = await exec('acme', ['renew']);
    return ok && text && exitCode === 0
      ? { status: 'refreshed', expiresAt: new Date(now()) }
      : { status: 'unavailable', hint: 'Run `acme login`.' };
  },
  inspect: async () => ({ present: true }),
  watch: (context, changed) => context.files.watch('~/.acme/login.json', changed),
});

// @ts-expect-error a provider without `refresh` keeps nothing alive
defineProvider({ id: 'acme', displayName: 'Acme' });

// @ts-expect-error `defineProvider` adds the kind
defineProvider({ kind: 'provider', id: 'acme', displayName: 'Acme', refresh: async () => ({ status: 'fresh' }) });

defineProvider({
  id: 'acme',
  displayName: 'Acme',
  refresh: async () => ({ status: 'fresh' }),
  // @ts-expect-error an inspection has no network
  inspect: async ({ fetch }) => ({ present: Boolean(fetch) }),
});

defineFrontend({
  id: 'panel',
  start: async ({ client }) => client.on('session/didChange', ({ id }) => id.toUpperCase()),
});
// @ts-expect-error a notifier has to raise
defineNotifier({ id: 'bell' });

export const factory: PluginFactory<{ readonly region: string }> = ({ region }) => ({
  ...minimal,
  id: `acme-${region}`,
});
