import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { RefreshOutcome } from '../../../sdk/contract/outcome.ts';
import type { SignIn } from '../../../sdk/plugin/sign-in.ts';
import { ADDRESS, clientOf, DEAD, GOOD, signingIn, type Held } from '../../support/sign-in/signing-in.ts';

/** A vendor whose program asks for a code, and stores what it stands for. */
async function vendor(stored: Held = GOOD, more: Parameters<typeof signingIn>[0] = {}) {
  const run: SignIn['run'] = async ({ ask }) => {
    await ask({ url: ADDRESS });
    world.store.held = stored;
  };
  const world = await signingIn({ run, ...more });
  const client = world.client();
  /** Signs in up to the check. */
  const signIn = async () => {
    const { login } = await client.start();
    await client.answer(login, 'the-code');
    return login;
  };
  return { ...world, client, signIn };
}

describe('a sign-in that works', () => {
  test('ends with a session that is alive and without a notice', async () => {
    const { world, state, client, signIn } = await vendor();
    expect([state().name, world.notices.map(({ code }) => code)]).toEqual(['halted', ['login-required']]);
    await signIn();
    expect(client.names()).toEqual(['starting', 'code', 'checking', 'done']);
    expect([state().name, world.notices]).toEqual(['alive', []]);
  });

  test('leaves the session on its schedule', async () => {
    const { world, store, signIn } = await vendor();
    await signIn();
    const { attempts } = store;
    await world.run('3h');
    expect(store.attempts).toBe(attempts + 3);
  });

  test('resumes a session that the user has paused', async () => {
    const { world, state, client, signIn } = await vendor();
    world.keeper().pause();
    await signIn();
    expect([client.last()?.name, state().name]).toEqual(['done', 'alive']);
  });

  test('is done for a session that its policy disables, which stays disabled', async () => {
    const { state, client, signIn } = await vendor(GOOD, { policy: { enabled: false } });
    await signIn();
    expect([client.last()?.name, state()]).toEqual([
      'done',
      expect.objectContaining({ why: 'paused', disabled: true }),
    ]);
  });
});

describe('a store that shows no difference between two logins, such as a locked keychain', () => {
  const inspect = async () => ({ present: true, renew: 'Run `acme login`.' });

  test('is believed after a sign-in with the program, if the session is alive then', async () => {
    const { client, signIn, state } = await vendor(GOOD, { inspect });
    await signIn();
    expect([client.last()?.name, state().name]).toEqual(['done', 'alive']);
  });

  test('is not said to be unchanged after a sign-in that failed', async () => {
    const { client } = await vendor(GOOD, { inspect });
    const { login } = await client.start();
    await client.cancel(login);
    expect(client.last()).toMatchObject({ name: 'cancelled', message: expect.stringContaining('does not show') });
  });
});

describe('a new login that cannot be checked', () => {
  const cases: readonly (readonly [string, RefreshOutcome | Error, RegExp])[] = [
    ['is refused', { status: 'login-required', hint: 'Ask the owner', proof: 'No' }, /is not good: No\. Ask the owner/],
    ['is rate-limited', { status: 'rate-limited' }, /because the vendor asked to wait/],
    ['is deferred', { status: 'deferred', reason: 'It runs' }, /could not be checked yet: It runs/],
    ['fails', new Error('odd'), /could not be checked yet/],
    ['is offline', Object.assign(new Error('no'), { code: 'ENOTFOUND' }), /because the vendor was not reached/],
  ];
  test.each(cases)('because it %s is said to be stored', async (_name, outcome, said) => {
    const held = { ...GOOD, outcome } as Held;
    const { client, signIn } = await vendor({
      ...held,
      get outcome() {
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    });
    await signIn();
    expect(client.last()).toMatchObject({
      name: 'failed',
      code: 'KA_LOGIN_FAILED',
      message: expect.stringMatching(said),
    });
    expect(client.last()).toMatchObject({ message: expect.stringContaining('The store holds another login now.') });
  });
});

describe('another account', () => {
  const OTHER = { ...GOOD, account: 'b' };

  test('is paused until the user keeps it', async () => {
    const { world, state, store, client, signIn } = await vendor(OTHER);
    const login = await signIn();
    const { attempts } = store;
    expect(client.last()).toEqual({ name: 'confirm', before: 'a…@example.com', after: 'b…@example.com' });
    expect(state()).toMatchObject({ why: 'paused' });
    await client.answer(login, 'keep');
    expect([client.last()?.name, state().name, store.attempts]).toEqual(['done', 'alive', attempts + 1]);
    expect(world.notices).toEqual([]);
  });

  const ends: readonly (readonly [
    string,
    (act: Awaited<ReturnType<typeof vendor>>, login: string) => unknown,
    string,
  ])[] = [
    ['is refused', ({ client }, login) => client.answer(login, 'refuse'), 'failed'],
    ['is cancelled', ({ client }, login) => client.cancel(login), 'cancelled'],
    ['is not confirmed in time', ({ world }) => world.run('15m'), 'failed'],
  ];
  test.each(ends)('that %s stays paused, also for a later daemon', async (_name, end, name) => {
    const act = await vendor(OTHER);
    await end(act, await act.signIn());
    await act.world.run('2s');
    expect(act.client.last()).toMatchObject({ name, message: expect.stringContaining('the login of b…@example.com') });
    const { attempts } = act.store;
    await act.world.crash();
    await act.world.run('5h');
    expect([act.state(), act.store.attempts]).toEqual([expect.objectContaining({ why: 'paused' }), attempts]);
  });

  test('does not count after a crash while the user is asked', async () => {
    const { world, store, state, signIn } = await vendor(OTHER);
    await signIn();
    const { attempts } = store;
    await world.crash();
    await world.run('5h');
    expect([state(), store.attempts]).toEqual([expect.objectContaining({ why: 'paused' }), attempts]);
  });

  test('is not recognized if no account is known', async () => {
    const { account: _account, ...anonymous } = GOOD;
    const { client, signIn } = await vendor(anonymous);
    await signIn();
    expect(client.last()?.name).toBe('done');
  });
});

describe('a sign-in that ends early', () => {
  const waiting: SignIn['run'] = async ({ ask }) => void (await ask({ url: ADDRESS }));

  test.each<[string, (act: Awaited<ReturnType<typeof vendor>>, login: string) => unknown]>([
    ['its client cancels', ({ client }, login) => client.cancel(login)],
    ['the session is paused', ({ world }) => world.keeper().pause()],
    ['the daemon stops', ({ world }) => world.sessions.stop()],
    ['the session is removed', ({ world }) => world.sessions.sync([])],
  ])('is cancelled when %s', async (_name, end) => {
    const act = await vendor();
    const { login } = await act.client.start();
    await end(act, login);
    await act.world.run('1s');
    expect(act.client.last()).toEqual({ name: 'cancelled', message: undefined });
  });

  test('is cancelled when its client disconnects, and another client may start one', async () => {
    const { world, client } = await vendor();
    await client.start();
    client.disconnect();
    await world.run('1s');
    expect(await clientOf(world).start()).toMatchObject({ steps: ['code'] });
  });

  test('leaves a live session alive and on its schedule', async () => {
    const { world, store, state, client } = await vendor(GOOD, { held: { ...GOOD, login: 'old' } });
    const { login } = await client.start();
    const { attempts } = store;
    await world.run('14m');
    await client.cancel(login);
    expect(state().name).toBe('alive');
    await world.run('1h');
    expect(store.attempts).toBe(attempts + 1);
  });

  test('after 15 minutes is a timeout, also if the machine slept', async () => {
    const { world, client } = await vendor();
    await client.start();
    world.clock.jump('20m');
    await world.run('5s');
    expect(client.last()).toMatchObject({ name: 'failed', code: 'KA_LOGIN_TIMEOUT' });
  });

  test.each<[string, Held, string]>([
    ['as it was', DEAD, 'The login from before is as it was.'],
    ['empty', {}, 'The store holds no login now.'],
  ])('says that the store is %s', async (_name, stored, said) => {
    const { world, client, signIn } = await vendor(stored);
    await signIn();
    await world.run('15s');
    expect(client.last()).toMatchObject({ name: 'failed', message: expect.stringContaining(said) });
  });

  test('skips the attempts that are due meanwhile, and refuses a refresh', async () => {
    const { world, store, client } = await vendor(GOOD, {
      held: { ...GOOD, login: 'old' },
      policy: { schedule: { mode: 'interval', every: '5m' } },
    });
    const { login } = await client.start();
    const { attempts } = store;
    await world.run('12m');
    await expect(world.keeper().refresh(false)).rejects.toMatchObject({ code: 'KA_LOGIN_RUNNING' });
    expect(store.attempts).toBe(attempts);
    await client.cancel(login);
    await world.run('1s');
    expect(store.attempts).toBe(attempts + 1);
  });

  test('ignores a plugin that goes on', async () => {
    const { world, client } = await signingIn({
      run: async ({ show }) => {
        for (;;) {
          await show({ url: ADDRESS }).catch(() => undefined);
          await new Promise(resolve => {
            setTimeout(resolve, 1_000);
          });
        }
      },
    }).then(made => ({ ...made, client: made.client() }));
    const { login } = await client.start();
    await client.cancel(login);
    await world.run('31s');
    expect(client.last()?.name).toBe('cancelled');
    const { length } = client.states;
    await world.run('1m');
    expect(client.states).toHaveLength(length);
  });

  test.each<[string, SignIn['run'], string]>([
    ['throws', () => Promise.reject(new Error('the-secret-text')), 'The plugin threw an error in signIn().'],
    [
      'says why',
      async () => {
        throw new KeepaliveError('KA_LOGIN_FAILED', { reason: 'No\u001b[31m luck' });
      },
      'The sign-in did not succeed: No luck.',
    ],
  ])('because the plugin %s says so, and no more', async (_name, run, said) => {
    const { client: make } = await signingIn({ run });
    const client = make();
    await client.start();
    expect(client.last()).toMatchObject({ name: 'failed', message: `${said} The login from before is as it was.` });
  });

  test('does not wait for attempts of other sessions, nor take their turns', async () => {
    const cast = Object.fromEntries(
      ['b', 'c', 'd', 'e'].map(id => [id, { refresh: () => new Promise(() => undefined) }]),
    );
    const { world, client: make } = await signingIn({ run: waiting, cast });
    const client = make();
    await client.start();
    expect(client.last()?.name).toBe('code');
    expect(world.underWay).toBe(3);
  });
});

describe('what a plugin shows', () => {
  test.each<[string, string, string | undefined]>([
    ['another host', 'https://vendor.example.evil.example/', undefined],
    ['a user before another host', 'https://vendor.example@evil.example/', undefined],
    ['a user', 'https://me@vendor.example/', undefined],
    ['plain HTTP', 'http://vendor.example/', undefined],
    ['a script', 'javascript:alert(1)//vendor.example', undefined],
    ['no address', 'vendor.example', undefined],
    ['an address on two lines', 'https://vendor.example/\n', undefined],
    ['a long address', `https://vendor.example/${'a'.repeat(3_000)}`, undefined],
    ['a code with control characters', ADDRESS, 'AB\u001b[2J'],
    ['a code with letters of another script', ADDRESS, 'АB'],
    ['a long code', ADDRESS, 'A'.repeat(65)],
  ])('ends the sign-in if it is %s', async (_name, url, userCode) => {
    const { client: make } = await signingIn({ run: ({ show }) => show({ url, userCode }) });
    const client = make();
    await client.start();
    expect(client.names()).toEqual(['starting', 'failed']);
    expect(client.last()).toMatchObject({ code: 'KA_LOGIN_FAILED' });
  });
});

describe('without `signIn`', () => {
  test('says what to do, and notices the new login within seconds', async () => {
    const { world, store, client: make } = await signingIn({});
    const client = make();
    expect(await client.start()).toMatchObject({ steps: ['manual'], hosts: [] });
    expect(client.last()).toEqual({ name: 'manual', hint: 'Run it.' });
    await world.run('5m');
    store.held = GOOD;
    await world.run('3s');
    expect(client.last()).toEqual({ name: 'done' });
  });

  test('says what to do if the program is not installed', async () => {
    const { client: make } = await signingIn({ held: { outcome: { status: 'unavailable', hint: 'Install `acme`.' } } });
    const client = make();
    await client.start();
    expect(client.last()).toEqual({ name: 'manual', hint: 'Install `acme`.' });
  });

  test('is refused at once if there is no store in which a new login would show', async () => {
    const { client: make } = await signingIn({
      inspect: async () => ({ present: true, fingerprint: 'the end', renew: 'Run `acme token`.' }),
    });
    const client = make();
    await expect(client.start()).rejects.toMatchObject({
      code: 'KA_LOGIN_UNSUPPORTED',
      details: { id: 'acme', hint: 'Run `acme token`.' },
    });
    expect(client.names()).toEqual([]);
  });

  test('fails if nothing would show that the login has changed', async () => {
    const { client: make } = await signingIn({
      inspect: async () => ({ present: true, store: '/acme', renew: 'Run `acme login`.' }),
    });
    const client = make();
    await client.start();
    const message = expect.stringContaining('Run `acme login`.');
    expect(client.last()).toMatchObject({ name: 'failed', code: 'KA_LOGIN_UNSUPPORTED', message });
  });
});
