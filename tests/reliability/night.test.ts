import { expect, test } from 'vitest';
import { offline } from '../../sdk/contract/errors.ts';
import { Simulation } from '../support/clock/simulation.ts';

const H = 3_600_000;
const EVENING = Date.UTC(2026, 0, 5, 20);

/** A vendor whose credentials live for two hours and that is down from 22:30 to 23:40. */
function vendor() {
  const store = { expiresAt: EVENING + H, token: 1, loggedOut: false };
  const renew = (now: number) => {
    if (now > EVENING + 2.5 * H && now < EVENING + 3.67 * H) throw offline({ status: 503 });
    if (store.loggedOut) return { status: 'login-required', hint: 'Run `acme login`.', proof: 'invalid_grant' };
    store.expiresAt = now + 2 * H;
    store.token += 1;
    return { status: 'refreshed', expiresAt: new Date(store.expiresAt) };
  };
  return { store, renew };
}

test('the history of a night with an outage, a sleep, a crash and a login that ends', async () => {
  const { store, renew } = vendor();
  const world = new Simulation(
    {
      acme: {
        policy: { schedule: { mode: 'interval', every: '90m' }, jitter: 0 },
        refresh: ({ now, refreshBefore }) =>
          store.expiresAt - now() > refreshBefore && !store.loggedOut
            ? { status: 'fresh', expiresAt: new Date(store.expiresAt) }
            : renew(now()),
        inspect: async () => ({
          present: true,
          fingerprint: String(store.token),
          expiresAt: new Date(store.expiresAt),
        }),
      },
    },
    { start: EVENING },
  );

  await world.boot();
  await world.run('5h');
  // 01:00: the lid is closed.
  world.clock.jump('5h');
  await world.run('20m');
  // 06:20: the power fails for two hours.
  await world.crash('2h');
  await world.run('10m');
  // 08:30: the vendor ends the login. The user signs in again at 11:00.
  store.loggedOut = true;
  await world.run('2h');
  await world.run('30m');
  Object.assign(store, { loggedOut: false, token: 100, expiresAt: world.clock.now() + 2 * H });
  await world.keeper().credentialChanged();
  await world.run('1h');

  const told = world.attempts.map(
    ({ startedAt, reason, outcome }) => `${new Date(startedAt).toISOString().slice(11, 16)} ${reason} ${outcome}`,
  );
  expect(told).toEqual([
    '20:00 schedule fresh',
    '20:55 schedule refreshed',
    '22:25 schedule fresh',
    '22:50 schedule offline',
    '22:52 schedule offline',
    '22:56 schedule offline',
    '23:04 schedule offline',
    '23:20 schedule offline',
    '23:50 schedule refreshed',
    '06:00 wake refreshed',
    '08:20 schedule refreshed',
    '09:50 schedule login-required',
    '11:00 changed fresh',
  ]);
  expect(world.raised.map(({ code }) => code)).toEqual(['login-required', 'recovered']);
  expect(world.keeper().record.state).toMatchObject({ name: 'alive', wakeWhy: 'every 90 minutes' });
});
