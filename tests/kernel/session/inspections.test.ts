import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Inspection } from '../../../sdk/contract/outcome.ts';
import { Simulation, type Script } from '../../support/clock/simulation.ts';

const H = 3_600_000;
const EVERY_HOUR = { schedule: { mode: 'interval', every: '1h' }, jitter: 0 } as const;

/** A session whose inspection and outcome a test can change. */
function machine(sight: Inspection, refresh: Script, policy: object = EVERY_HOUR) {
  const store: { sight: Inspection; refresh: Script; looks: number } = { sight, refresh, looks: 0 };
  const world = new Simulation({
    acme: {
      policy,
      refresh: (context, nth) => store.refresh(context, nth),
      inspect: async () => {
        store.looks += 1;
        return store.sight;
      },
    },
  });
  return { world, store, state: () => world.keeper().record.state };
}

describe('an unavailable session', () => {
  const unavailable: Script = () => ({ status: 'unavailable', hint: 'Mend it.' });

  test.each<[string, Inspection, Inspection]>([
    [
      'its program stops using another credential',
      { present: false, hint: 'ACME_KEY is set.' },
      { present: true, fingerprint: 'f' },
    ],
    [
      'the program is installed',
      { present: true, fingerprint: 'f', method: 'touch' },
      { present: true, fingerprint: 'f', method: 'touch', program: '/bin/acme' },
    ],
    [
      'the method changes',
      { present: true, fingerprint: 'f', method: 'touch' },
      { present: true, fingerprint: 'f', method: 'redeem' },
    ],
    ['the problem changes', { present: false, hint: 'It is kept in a keyring.' }, { present: false, hint: 'Sign in.' }],
    ['the credential changes', { present: true, fingerprint: 'f' }, { present: true, fingerprint: 'g' }],
    [
      'the store moves',
      { present: true, store: '/a', fingerprint: 'f' },
      { present: true, store: '/b', fingerprint: 'f' },
    ],
  ])('is attempted within half an hour when %s', async (_name, before, after) => {
    const { world, store, state } = machine(before, unavailable);
    await world.boot();
    await world.run('5h');
    expect(world.calls).toHaveLength(1);
    Object.assign(store, { sight: after, refresh: () => ({ status: 'fresh' }) });
    await world.run('31m');
    expect(state().name).toBe('alive');
    expect(world.calls.map(({ reason }) => reason)).toEqual(['schedule', 'changed']);
  });

  test('is inspected as often as its schedule says, without an attempt while nothing changes', async () => {
    const { world, store, state } = machine({ present: false, hint: 'The vendor has retired it.' }, unavailable, {
      ...EVERY_HOUR,
      schedule: { mode: 'interval', every: '10m' },
    });
    await world.boot();
    await world.run('10s');
    const before = store.looks;
    await world.run('24h');
    expect(store.looks - before).toBeGreaterThanOrEqual(140);
    expect(store.looks - before).toBeLessThanOrEqual(150);
    expect(world.calls).toHaveLength(1);
    expect(state()).toMatchObject({ name: 'halted', why: 'unavailable' });
    expect(state()).not.toHaveProperty('wakeAt');
  });

  test('is not inspected more often than the minimum interval, even if its schedule is shorter', async () => {
    const { world, store } = machine({ present: false }, unavailable, {
      ...EVERY_HOUR,
      schedule: { mode: 'interval', every: '1s' },
      minInterval: '5m',
    });
    await world.boot();
    await world.run('1h');
    expect(store.looks).toBeLessThanOrEqual(16);
  });

  test('is attempted once a day if its provider has no `inspect`', async () => {
    const world = new Simulation({ acme: { policy: EVERY_HOUR, refresh: unavailable } });
    await world.boot();
    await world.run('4d');
    expect(world.calls.length).toBeGreaterThanOrEqual(4);
    expect(world.calls.length).toBeLessThanOrEqual(5);
  });

  test('is attempted at once at the user’s request', async () => {
    const { world, state, store } = machine({ present: false }, unavailable);
    await world.boot();
    await world.run('1m');
    store.refresh = () => ({ status: 'fresh' });
    const asked = world.keeper().refresh(false);
    await world.run('1s');
    await asked;
    expect(state().name).toBe('alive');
  });

  test('is inspected soon even after the clock was set back by a day', async () => {
    const { world, store, state } = machine({ present: false }, unavailable);
    await world.boot();
    await world.run('1m');
    world.clock.jump('1d', -1);
    await world.run('1m');
    Object.assign(store, { sight: { present: true }, refresh: () => ({ status: 'fresh' }) });
    await world.run('40m');
    expect(state().name).toBe('alive');
  });
});

describe('a session that failed too often', () => {
  const odd: Script = () => {
    throw new Error('odd');
  };

  test('is attempted once a day, reported once, and continues when that succeeds', async () => {
    const { world, store, state } = machine({ present: true, fingerprint: 'f' }, odd);
    await world.boot();
    await world.run('12h');
    expect(world.calls).toHaveLength(5);
    expect(state()).toMatchObject({ why: 'too-many-failures', wakeWhy: 'once a day after it gave up' });
    expect(world.keeper().session.nextAttemptAt).toBe((world.calls.at(-1)?.at ?? NaN) + 24 * H);
    await world.run('7d');
    expect(world.calls).toHaveLength(12);
    expect(world.raised.map(({ code }) => code)).toEqual(['failing']);
    store.refresh = () => ({ status: 'fresh' });
    await world.run('24h');
    expect(state().name).toBe('alive');
  });

  test('is attempted after a network change, but at most every half hour if the network changes often', async () => {
    const { world } = machine({ present: true, fingerprint: 'f' }, odd);
    await world.boot();
    await world.run('12h');
    world.clock.network = '198.51.100.1';
    await world.run('20s');
    expect(world.calls).toHaveLength(6);
    for (let minute = 0; minute < 60; minute += 1) {
      world.clock.network = `198.51.100.${minute}`;
      await world.run('1m');
    }
    expect(world.calls).toHaveLength(8);
  });

  test('keeps its next attempt over restarts, and a record without one gets one', async () => {
    const { world } = machine({ present: true, fingerprint: 'f' }, odd);
    await world.boot();
    await world.run('12h');
    for (let hour = 0; hour < 10; hour += 1) await world.crash('1h');
    expect(world.calls).toHaveLength(5);
    await world.run('5h');
    expect(world.calls).toHaveLength(6);
    const record = JSON.parse(world.disk.get('acme') ?? '');
    const { wakeAt: _at, wakeWhy: _why, ...state } = record.state;
    world.disk.set('acme', JSON.stringify({ ...record, state }));
    await world.crash('1s');
    await world.run('25h');
    expect(world.calls).toHaveLength(7);
  });
});

describe('a change while no daemon ran', () => {
  const fresh =
    (life: number): Script =>
    ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + life) });

  test.each<[string, Partial<Inspection>]>([
    ['another credential', { fingerprint: 'g' }],
    ['the same credential with another expiry', { fingerprint: 'f' }],
  ])('%s: the expiry in the store replaces the remembered one, without an attempt', async (_name, shown) => {
    const { world, store } = machine({ present: true, fingerprint: 'f' }, fresh(20 * H));
    await world.boot();
    await world.run('1m');
    world.powerOff();
    const end = world.clock.now() + 50 * 60_000;
    store.sight = { present: true, expiresAt: new Date(end), ...shown };
    await world.boot();
    await world.run('1s');
    expect(world.keeper().session).toMatchObject({ expiresAt: end, nextAttemptAt: end - 5 * 60_000 });
    expect(world.calls).toHaveLength(1);
  });

  test('a credential that replaced a failing one is attempted soon, with its own expiry', async () => {
    const { world, store, state } = machine({ present: true, fingerprint: 'f' }, () => {
      throw Object.assign(new Error('away'), { code: 'ENOTFOUND' });
    });
    await world.boot();
    await world.run('5h');
    world.powerOff();
    const end = world.clock.now() + 9 * H;
    Object.assign(store, {
      sight: { present: true, fingerprint: 'g', expiresAt: new Date(end) },
      refresh: () => ({ status: 'fresh', expiresAt: new Date(end) }),
    });
    await world.boot();
    await world.run('2m');
    expect(state()).toMatchObject({ name: 'alive', expiresAt: end });
  });

  test('a credential that has become unreadable is attempted at once, and the session fails', async () => {
    const { world, store, state } = machine({ present: true, fingerprint: 'f' }, fresh(20 * H));
    await world.boot();
    await world.run('10m');
    world.powerOff();
    const trouble = () => {
      throw new KeepaliveError('KA_STORE_UNREADABLE', { path: '/acme.json' });
    };
    Object.assign(store, { refresh: trouble });
    Object.defineProperty(store, 'sight', { get: trouble });
    await world.boot();
    await world.run('5s');
    expect(state()).toMatchObject({ name: 'waiting', why: 'backoff' });
  });

  test('a session that is about to be attempted shows the expiry of its current credential', async () => {
    const { world, store } = machine({ present: true, fingerprint: 'f' }, fresh(20 * H), {
      ...EVERY_HOUR,
      minInterval: '10m',
    });
    await world.boot();
    await world.run('10s');
    store.sight = { present: false };
    await world.keeper().credentialChanged();
    world.powerOff();
    const end = world.clock.now() - H;
    store.sight = { present: true, fingerprint: 'g', expiresAt: new Date(end) };
    await world.boot();
    await world.run('1s');
    expect(world.keeper().session).toMatchObject({ state: { name: 'idle' }, expiresAt: end });
    expect(world.calls).toHaveLength(1);
  });

  test('an inspection that hangs delays neither its own session nor others', async () => {
    const world = new Simulation({
      slow: { policy: EVERY_HOUR, refresh: () => ({ status: 'fresh' }), inspect: () => new Promise(() => undefined) },
      quick: {
        policy: EVERY_HOUR,
        refresh: () => ({ status: 'fresh' }),
        inspect: async () => ({ present: true, fingerprint: 'f' }),
      },
    });
    await world.boot();
    await world.run('5s');
    expect(world.callsOf('quick')).toHaveLength(1);
    await world.run('1m');
    expect(world.callsOf('slow')).toHaveLength(1);
  });
});

describe('a forced request of the user after an attempt that', () => {
  const cases: readonly (readonly [string, Script, boolean])[] = [
    ['found it fresh', () => ({ status: 'fresh' }), false],
    ['was deferred', () => ({ status: 'deferred', reason: 'busy' }), false],
    ['found it unavailable', () => ({ status: 'unavailable', hint: 'Sign in.' }), false],
    ['used the network', async ({ fetch }) => (await fetch('data:,'), { status: 'fresh' }), true],
    [
      'ran a program',
      async ({ exec }) => (await exec('/nowhere/acme', []).catch(() => undefined), { status: 'fresh' }),
      true,
    ],
    [
      'ran a program in a terminal',
      async ({ pty }) => (
        await pty('/nowhere/acme', []).catch(() => undefined),
        { status: 'deferred', reason: 'busy' }
      ),
      true,
    ],
  ];
  test.each(cases)('%s', async (_name, refresh, isHeldUp) => {
    const { world } = machine({ present: true, fingerprint: 'f' }, refresh);
    await world.boot();
    await world.run('5m');
    const free = world.keeper().refresh(false);
    await world.run('1s');
    await free;
    const forced = world
      .keeper()
      .refresh(true)
      .then(
        () => false,
        ({ code }) => code === 'KA_RATE_LIMITED',
      );
    await world.run('1s');
    expect(await forced).toBe(isHeldUp);
  });
});

describe('a deferred session’s wait', () => {
  test.each<[string, number, number, readonly number[]]>([
    ['ends at the expiry guard', 30, 60, [25]],
    ['ends halfway to the expiry if the guard has passed', 4, 60, [2]],
    ['is not shorter than the minimum interval', 1, 60, [2]],
    ['is as long as the provider asked if the expiry is far', 600, 60, [60]],
    ['is as long as the provider asked if the expiry has passed', -5, 60, [60]],
  ])('%s', async (_name, left, until, [after]) => {
    const end = (now: number) => new Date(now + left * 60_000);
    const { world, store, state } = machine({ present: true, fingerprint: 'f' }, ({ now }) => ({
      status: 'deferred',
      reason: 'busy',
      until: new Date(now() + until * 60_000),
    }));
    store.sight = { present: true, fingerprint: 'f', expiresAt: end(world.clock.now()) };
    await world.boot();
    await world.run('4s');
    const [{ at } = { at: 0 }] = world.calls;
    const { nextAttemptAt = 0, nextAttemptWhy } = world.keeper().session;
    expect(Math.round((nextAttemptAt - at) / 60_000)).toBe(after);
    expect(state()).toMatchObject({ why: 'deferred', hint: 'busy' });
    expect(nextAttemptWhy).not.toContain('owner');
  });
});
