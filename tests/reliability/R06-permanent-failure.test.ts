import { expect, test } from 'vitest';
import { WITHOUT_FILE } from '../../config/resolve.ts';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { Simulation, type Cast } from '../support/clock/simulation.ts';
import { week } from '../support/clock/week.ts';

const DAY = 86_400_000;

/** A login that the vendor has ended, with proof. The store identifies the credential. */
function endedLogin() {
  const store = { fingerprint: 'old', slow: 0 };
  const cast: Cast = {
    acme: {
      refresh: async () => {
        const { fingerprint } = store;
        if (store.slow)
          await new Promise(resolve => {
            setTimeout(resolve, store.slow);
          });
        return fingerprint === 'old'
          ? { status: 'login-required', hint: 'Run `acme login`.', proof: 'invalid_grant' }
          : { status: 'fresh' };
      },
      inspect: async () => ({ present: true, fingerprint: store.fingerprint }),
    },
  };
  return { store, cast };
}

test('R6: a login that has ended costs one attempt and one notice in a day', async () => {
  const world = await new Simulation(endedLogin().cast).boot();
  await world.run('24h');
  expect(world.calls).toHaveLength(1);
  expect(world.raised.map(({ code }) => code)).toEqual(['login-required']);
  expect(world.keeper().record.state).toMatchObject({
    name: 'halted',
    why: 'login-required',
    hint: 'invalid_grant. Run `acme login`.',
  });
});

test('R6 control: the same answer without proof is requested repeatedly', async () => {
  const {
    cast: { acme },
  } = endedLogin();
  const world = await new Simulation({
    acme: {
      ...acme,
      refresh: async (context, nth) => {
        throw new Error('The vendor refused.', { cause: await acme?.refresh(context, nth) });
      },
    },
  }).boot();
  await world.run('24h');
  expect(world.calls).toHaveLength(5);
});

test('R6 control: if the state is lost, every start asks the vendor', async () => {
  const world = await new Simulation(endedLogin().cast).boot();
  await world.run('1m');
  for (let restart = 0; restart < 5; restart += 1) {
    world.disk.clear();
    await world.crash('1h');
    await world.run('1m');
  }
  expect(world.calls).toHaveLength(6);
});

/** Four vendors that report it differently: by an error code, by a status, by the file that their program leaves. */
test('R6: each vendor that ends a login is asked once in two days and five restarts, until the user signs in', async ({
  annotate,
}) => {
  const plugins: readonly PluginEntry[] = [
    'claude',
    ['codex', { method: 'redeem' }],
    ['augment', { jar: '~/augment.json' }],
    [
      'oauth',
      {
        id: 'acme',
        file: '~/acme.json',
        tokenEndpoint: 'https://auth.acme.example/token',
        clientId: 'acme',
        paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      },
    ],
  ];
  const { world, vendors, logins } = week({ config: { ...WITHOUT_FILE, plugins } });
  const signIn = () =>
    [
      logins.claude('~/.claude', world.clock.now() + 28 * DAY),
      logins.codex('~/.codex', { age: 0, lives: DAY }),
      logins.acme('~/acme.json'),
      logins.augment('~/augment.json'),
    ] as const;
  const [claude, codex, acme] = signIn();
  await world.boot();
  await world.run('30m');
  vendors.claude.end(claude.account);
  vendors.codex.end(codex.account);
  vendors.acme.end(acme.account);
  vendors.site.cookie = 'ended';
  await world.run('24h');
  const refused = [vendors.claude, vendors.codex, vendors.acme].flatMap(({ exchanges }) =>
    exchanges.filter(({ answer }) => answer !== 'renewed'),
  );
  expect(refused.map(({ account }) => account).toSorted()).toEqual(
    [claude, codex, acme].map(({ account }) => account).toSorted(),
  );
  expect(world.attempts.filter(({ id, outcome }) => id === 'augment' && outcome === 'login-required')).toHaveLength(1);
  const { length } = world.attempts;
  for (let restart = 0; restart < 5; restart += 1) await world.crash('1h');
  await world.run('24h');
  expect(world.attempts).toHaveLength(length);
  expect(world.raised.map(({ id }) => id).toSorted()).toEqual([
    'acme:login-required',
    'augment:login-required',
    'claude:login-required',
    'codex:login-required',
  ]);
  await annotate('4 vendors, 2 days, 5 restarts: each asked once, 1 notice each');
  signIn();
  await world.run('5m');
  expect(world.sessions.all().map(({ record }) => record.state.name)).toEqual(['alive', 'alive', 'alive', 'alive']);
});

test('R6: the outcome survives restarts, and an unforced refresh makes no call', async () => {
  const world = await new Simulation(endedLogin().cast).boot();
  await world.run('1h');
  for (let restart = 0; restart < 5; restart += 1) await world.crash('1h');
  await world.keeper().refresh(false);
  expect(world.calls).toHaveLength(1);
  expect(world.raised).toHaveLength(1);
});

test('R6: a sign-in while the daemon runs is noticed', async () => {
  const { store, cast } = endedLogin();
  const world = await new Simulation(cast).boot();
  await world.run('1h');
  await world.keeper().credentialChanged();
  expect(world.keeper().record.state.name).toBe('halted');
  store.fingerprint = 'new';
  await world.keeper().credentialChanged();
  await world.run('1m');
  expect(world.attempts.map(({ outcome, reason }) => `${reason} ${outcome}`)).toEqual([
    'schedule login-required',
    'changed fresh',
  ]);
});

test('R6: a sign-in while the daemon was down is noticed at its start', async () => {
  const { store, cast } = endedLogin();
  const world = await new Simulation(cast).boot();
  await world.run('1h');
  world.powerOff();
  store.fingerprint = 'new';
  await world.boot();
  await world.run('1m');
  expect(world.keeper().record.state.name).toBe('alive');
});

test('R6: a sign-in during the attempt that ends in login-required is noticed', async () => {
  const { store, cast } = endedLogin();
  store.slow = 5_000;
  const world = await new Simulation(cast).boot();
  await world.run('4s');
  store.fingerprint = 'new';
  const noticed = world.keeper().credentialChanged();
  await world.run('3m');
  await noticed;
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(['login-required', 'fresh']);
});

test('R6: a provider that writes its own store while it fails is halted too', async () => {
  let written = 0;
  const world: Simulation = new Simulation({
    acme: {
      refresh: () => {
        written += 1;
        setTimeout(() => void world.keeper().credentialChanged(), 100);
        throw new Error('What is this?');
      },
      inspect: async () => ({ present: true, fingerprint: String(written) }),
    },
  });
  await world.boot();
  await world.run('24h');
  expect(world.calls).toHaveLength(5);
  expect(world.keeper().record.state).toMatchObject({ why: 'too-many-failures' });
});
