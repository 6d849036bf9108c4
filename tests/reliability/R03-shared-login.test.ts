import { expect, test } from 'vitest';
import { WITHOUT_FILE } from '../../config/resolve.ts';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { fingerprintOf } from '../../sdk/recipes/store/json-store.ts';
import { Simulation, type Cast } from '../support/clock/simulation.ts';
import { tokenFamilies, type Tokens } from '../support/vendors/token-families.ts';
import { week } from '../support/clock/week.ts';

const HOUR = 3_600_000;

type Given = { readonly hangs?: string; readonly alike?: boolean; readonly others?: readonly string[] };

/** Two tools with separate stores, and a vendor that revokes a login when its refresh token is reused. */
function twoStores({ hangs = '', alike = true, others = [] }: Given = {}) {
  const vendor = tokenFamilies('revoke', ({ account, expiresAt }) => `${account}-${expiresAt}`);
  const stores = new Map<string, Tokens>();
  const torn = new Set<string>();
  const tool = (id: string): Cast[string] => ({
    policy: { schedule: { mode: 'interval', every: '30m' } },
    refresh: async ({ fetch, force, now }) => {
      const held = stores.get(id);
      if (!held) return { status: 'unavailable', hint: 'Sign in.' };
      if (!force && held.expiresAt - now() > HOUR / 2) return { status: 'fresh', expiresAt: new Date(held.expiresAt) };
      await fetch('data:,').catch(() => undefined);
      const { tokens } = vendor.exchange(held.refresh, HOUR);
      if (!tokens) return { status: 'login-required', hint: 'Sign in.', proof: 'invalid_grant' };
      stores.set(id, tokens);
      return { status: 'refreshed', expiresAt: new Date(tokens.expiresAt) };
    },
    inspect: async () => {
      if (torn.has(id)) throw new Error('The store is torn.');
      if (id === hangs)
        await new Promise(resolve => {
          setTimeout(resolve, 9_000);
        });
      const held = stores.get(id);
      return held
        ? {
            present: true,
            store: `/${id}`,
            expiresAt: new Date(held.expiresAt),
            fingerprint: fingerprintOf(held.access),
            ...(alike && { refreshFingerprint: fingerprintOf(held.refresh) }),
          }
        : { present: false, hint: 'Sign in.' };
    },
  });
  const world = new Simulation(Object.fromEntries(['first', 'copy', ...others].map(id => [id, tool(id)])));
  const signIn = (id: string) => void stores.set(id, vendor.signIn({ age: HOUR, left: 0 }));
  const copy = (from: string, to: string) => {
    const held = stores.get(from);
    if (held) stores.set(to, held);
  };
  /** Signs in with a login that is not due and copies it into each of the other stores. */
  const signInToAll = () => {
    stores.set('first', vendor.signIn({ age: 0, left: 2 * HOUR }));
    for (const id of ['copy', ...others]) copy('first', id);
  };
  /** The store's own tool renews its login, without the daemon. */
  const renewElsewhere = (id: string) => {
    const { tokens } = vendor.exchange(stores.get(id)?.refresh ?? '', 2 * HOUR);
    if (tokens) stores.set(id, tokens);
  };
  const answers = () => vendor.exchanges.map(({ answer }) => answer);
  const stateOf = (id: string) => world.keeper(id).record.state;
  /** The notices that are raised and not cleared. */
  const active = () => world.notices.map(({ id }) => id).toSorted();
  return { world, vendor, stores, torn, signIn, signInToAll, copy, renewElsewhere, answers, stateOf, active };
}

test('R3: a login in two stores is renewed from only one of them, for a day and across restarts', async () => {
  const { world, signIn, copy, answers, stateOf } = twoStores();
  signIn('first');
  copy('first', 'copy');
  await world.boot();
  await world.run('10s');
  expect(answers()).toEqual(['renewed']);
  expect(stateOf('first')).toMatchObject({ name: 'alive' });
  expect(stateOf('copy')).toMatchObject({ name: 'waiting', why: 'deferred', hint: expect.stringContaining('"first"') });
  expect(world.raised.map(({ id, level }) => `${level} ${id}`).toSorted()).toEqual([
    'warning copy:shared-login',
    'warning first:shared-login:holder',
  ]);
  for (let restart = 0; restart < 12; restart += 1) {
    await world.run('2h');
    await world.crash('1s');
  }
  expect(new Set(answers())).toEqual(new Set(['renewed']));
  expect(answers().length).toBeGreaterThan(20);
  expect(world.raised).toHaveLength(2);
});

test('R3 control: if copies are not recognized, both sessions lose the login within seconds', async () => {
  const { world, signIn, copy, answers } = twoStores({ alike: false });
  signIn('first');
  copy('first', 'copy');
  await world.boot();
  await world.run('3h');
  expect(answers()).toEqual(expect.arrayContaining(['renewed', 'reused', 'revoked']));
});

test('R3: forcing the copy first, together with the original, and repeatedly does not lose the login', async () => {
  const { world, signIn, copy, answers } = twoStores();
  signIn('first');
  copy('first', 'copy');
  await world.boot();
  const forced = ['copy', 'first', 'copy'].map(id => world.keeper(id).refresh(true));
  await world.run('1s');
  await Promise.all(forced);
  for (let again = 0; again < 20; again += 1) {
    const asked = world.keeper('copy').refresh(true);
    await world.run('1m');
    await asked;
  }
  expect(answers()).toEqual(['renewed']);
  expect(world.callsOf('copy')).toEqual([]);
});

test('R3: a store that cannot be read for a while delays no other and reuses no token afterwards', async () => {
  const { world, signIn, copy, answers, stateOf } = twoStores({ hangs: 'first' });
  signIn('copy');
  copy('copy', 'first');
  await world.boot();
  await world.run('5s');
  expect(answers()).toEqual(['renewed']);
  expect(stateOf('copy')).toMatchObject({ name: 'alive' });
  await world.run('4h');
  expect(new Set(answers())).toEqual(new Set(['renewed']));
  expect(stateOf('first')).toMatchObject({ name: 'waiting', why: 'deferred', hint: expect.stringContaining('"copy"') });
});

test('R3: a copy that gets its own login is kept alive from then on, and the warning is cleared', async () => {
  const { world, signIn, copy, stateOf, answers } = twoStores();
  signIn('first');
  copy('first', 'copy');
  await world.boot();
  await world.run('10m');
  signIn('copy');
  await world.keeper('copy').credentialChanged();
  await world.run('10m');
  expect([stateOf('first').name, stateOf('copy').name]).toEqual(['alive', 'alive']);
  expect(answers()).toEqual(['renewed', 'renewed']);
  expect(world.cleared.map(({ id }) => id).toSorted()).toEqual(['copy:shared-login', 'first:shared-login:holder']);
});

test('R3: if the session that renews is paused before it used a token, the other one renews', async () => {
  const { world, stores, vendor, copy, stateOf, active } = twoStores();
  stores.set('first', vendor.signIn({ age: 0, left: 2 * HOUR }));
  copy('first', 'copy');
  await world.boot();
  await world.run('1m');
  expect(stateOf('copy')).toMatchObject({ name: 'waiting', why: 'deferred' });
  world.keeper('first').pause();
  await world.run('3m');
  expect([world.keeper('first').session.shared, world.keeper('copy').session.shared]).toEqual([
    { session: 'copy', holder: 'copy' },
    { session: 'first', holder: 'copy' },
  ]);
  expect(active()).toEqual(['copy:shared-login:holder', 'first:shared-login']);
  expect(stateOf('copy').name).toBe('alive');
  world.keeper('first').dispatch({ type: 'resume' });
  await world.run('6h');
  expect(new Set(vendor.exchanges.map(({ answer }) => answer))).toEqual(new Set(['renewed']));
});

test('R3: if the tool of the waiting copy renews it, the roles swap, for a day and across restarts', async () => {
  const { world, signInToAll, renewElsewhere, answers, stateOf, active } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  renewElsewhere('copy');
  await world.keeper('copy').credentialChanged();
  expect(active()).toEqual(['copy:shared-login:holder', 'first:shared-login']);
  for (let restart = 0; restart < 12; restart += 1) {
    await world.run('2h');
    expect(stateOf('first')).toMatchObject({
      name: 'waiting',
      why: 'deferred',
      hint: expect.stringContaining('Sign in separately for "first"'),
    });
    expect(stateOf('copy')).toMatchObject({ name: 'alive' });
    await world.crash('1s');
  }
  expect(answers().length).toBeGreaterThan(10);
  expect(new Set(answers())).toEqual(new Set(['renewed']));
});

test('R3: the roles also swap if the copy was renewed while no daemon ran', async () => {
  const { world, signInToAll, renewElsewhere, answers, stateOf } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  world.powerOff();
  renewElsewhere('copy');
  await world.run('3h');
  await world.boot();
  await world.run('3h');
  expect([stateOf('first').name, stateOf('copy').name]).toEqual(['waiting', 'alive']);
  expect(new Set(answers())).toEqual(new Set(['renewed']));
});

test('R3: the roles also swap without a watcher, for copies are read before a token is sent', async () => {
  const { world, signInToAll, renewElsewhere, answers, stateOf } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  renewElsewhere('copy');
  const asked = world.keeper('first').refresh(true);
  await world.run('1m');
  await asked;
  expect(stateOf('first')).toMatchObject({ name: 'waiting', why: 'deferred' });
  expect(answers()).toEqual(['renewed']);
});

test('R3: the roles also swap if the session that renewed is paused, resumed and forced', async () => {
  const { world, signInToAll, renewElsewhere, answers, stateOf } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  world.keeper('first').pause();
  renewElsewhere('copy');
  await world.keeper('copy').credentialChanged();
  await world.run('3m');
  world.keeper('first').dispatch({ type: 'resume' });
  const asked = world.keeper('first').refresh(true);
  await world.run('5h');
  await asked;
  expect([stateOf('first').name, stateOf('copy').name]).toEqual(['waiting', 'alive']);
  expect(new Set(answers())).toEqual(new Set(['renewed']));
});

test('R3: of three copies, the renewed one is kept alive and the other two wait', async () => {
  const { world, signInToAll, renewElsewhere, answers, stateOf } = twoStores({ others: ['third'] });
  signInToAll();
  await world.boot();
  await world.run('1m');
  renewElsewhere('third');
  await world.keeper('third').credentialChanged();
  await world.run('5h');
  expect(['first', 'copy', 'third'].map(id => stateOf(id).name)).toEqual(['waiting', 'waiting', 'alive']);
  expect(new Set(answers())).toEqual(new Set(['renewed']));
});

test('R3: no token is sent while the store of a copy cannot be parsed', async () => {
  const { world, torn, signInToAll, answers, stateOf } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  torn.add('copy');
  await world.run('3h');
  expect(answers()).toEqual([]);
  expect(stateOf('first')).toMatchObject({
    name: 'waiting',
    why: 'deferred',
    hint: expect.stringContaining('"copy" holds the same login, and its store cannot be read'),
  });
  torn.clear();
  await world.run('5m');
  expect(answers()).toEqual(['renewed']);
});

test('R3: a user who follows the advice of each waiting session has two logins that are kept alive', async () => {
  const { world, signIn, signInToAll, answers, stateOf, active } = twoStores();
  signInToAll();
  await world.boot();
  await world.run('1m');
  expect(world.raised.find(({ id }) => id === 'copy:shared-login')?.action).toMatch(
    /Sign in separately for "copy".*If "first" waits after that, sign in again for "first" too/,
  );
  signIn('copy');
  await world.keeper('copy').credentialChanged();
  await world.run('5m');
  expect(stateOf('first')).toMatchObject({ name: 'alive' });
  await world.run('3h');
  expect(stateOf('first')).toMatchObject({ name: 'waiting', why: 'deferred' });
  signIn('first');
  await world.keeper('first').credentialChanged();
  await world.run('3h');
  expect([stateOf('first').name, stateOf('copy').name]).toEqual(['alive', 'alive']);
  expect(active()).toEqual([]);
  expect(new Set(answers())).toEqual(new Set(['renewed']));
});

test('R3: claude and codex tell a new sign-in from a renewal, so that both sessions are kept alive', async () => {
  const plugins: readonly PluginEntry[] = [
    'claude',
    ['claude', { id: 'claude-copy', home: '~/.claude-copy' }],
    'codex',
    ['codex', { id: 'codex-copy', home: '~/.codex-copy' }],
  ];
  const { world, files, vendors, logins } = week({ config: { ...WITHOUT_FILE, plugins } });
  const DAY = 24 * HOUR;
  logins.claude('~/.claude', world.clock.now() + 28 * DAY);
  logins.codex('~/.codex', { age: 0, lives: 10 * DAY });
  const copies = {
    '~/.claude/.credentials.json': '~/.claude-copy/.credentials.json',
    '~/.codex/auth.json': '~/.codex-copy/auth.json',
  };
  for (const [from, to] of Object.entries(copies)) files.write(to, (await files.read(from)) ?? '');
  await world.boot();
  await world.run('1h');
  expect(world.sessions.all().map(({ record: { state } }) => state.name)).toEqual([
    'alive',
    'waiting',
    'alive',
    'waiting',
  ]);
  logins.claude('~/.claude-copy', world.clock.now() + 28 * DAY);
  logins.codex('~/.codex', { age: 0, lives: 10 * DAY });
  await world.run('48h');
  expect(world.sessions.all().map(({ record: { state } }) => state.name)).toEqual(['alive', 'alive', 'alive', 'alive']);
  expect(world.notices).toEqual([]);
  expect(new Set([...vendors.claude.exchanges, ...vendors.codex.exchanges].map(({ answer }) => answer))).toEqual(
    new Set(['renewed']),
  );
});

test('R3: claude, codex and the OAuth provider recognize a copy and renew each login from one store', async () => {
  const oauth = (id: string) =>
    [
      'oauth',
      {
        id,
        file: `~/${id}.json`,
        tokenEndpoint: 'https://auth.acme.example/token',
        clientId: 'acme',
        paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      },
    ] as const;
  const plugins: readonly PluginEntry[] = [
    'claude',
    ['claude', { id: 'claude-copy', home: '~/.claude-copy' }],
    'codex',
    ['codex', { id: 'codex-copy', home: '~/.codex-copy', method: 'redeem' }],
    oauth('acme'),
    oauth('acme-copy'),
  ];
  const { world, files, vendors, logins } = week({ config: { ...WITHOUT_FILE, plugins } });
  const kept = [
    logins.claude('~/.claude', world.clock.now() + 28 * 24 * HOUR),
    logins.codex('~/.codex', { age: 23 * HOUR, lives: 24 * HOUR }),
    logins.acme('~/acme.json'),
  ];
  const copies = {
    '~/.claude/.credentials.json': '~/.claude-copy/.credentials.json',
    '~/.codex/auth.json': '~/.codex-copy/auth.json',
    '~/acme.json': '~/acme-copy.json',
  };
  for (const [from, to] of Object.entries(copies)) files.write(to, (await files.read(from)) ?? '');
  await world.boot();
  await world.run('24h');
  for (const vendor of [vendors.claude, vendors.codex, vendors.acme]) {
    expect(vendor.exchanges.length).toBeGreaterThan(0);
    expect(new Set(vendor.exchanges.map(({ answer }) => answer))).toEqual(new Set(['renewed']));
  }
  expect(await Promise.all(kept.map(({ isAlive }) => isAlive()))).toEqual([true, true, true]);
  expect(world.sessions.all().map(({ provider: { id }, record: { state } }) => `${id} ${state.name}`)).toEqual([
    'claude alive',
    'claude-copy waiting',
    'codex alive',
    'codex-copy waiting',
    'acme alive',
    'acme-copy waiting',
  ]);
});
