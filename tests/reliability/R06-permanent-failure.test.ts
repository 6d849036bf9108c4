import { expect, test } from 'vitest';
import { Simulation, type Cast } from '../support/simulation.ts';

/** A login that has ended: the vendor says so with proof, and the store tells which credential it was. */
function endedLogin() {
  const store = { fingerprint: 'old', slow: 0 };
  const cast: Cast = {
    acme: {
      refresh: async () => {
        const { fingerprint } = store;
        if (store.slow) await new Promise(resolve => { setTimeout(resolve, store.slow); });
        return fingerprint === 'old' ? { status: 'login-required', hint: 'Run `acme login`.', proof: 'invalid_grant' } : { status: 'fresh' };
      },
      inspect: async () => ({ present: true, fingerprint: store.fingerprint }),
    },
  };
  return { store, cast };
}

test('R6: a login that has ended costs one attempt and one notice, and nothing more in a day', async () => {
  const world = await new Simulation(endedLogin().cast).boot();
  await world.run('24h');
  expect(world.calls).toHaveLength(1);
  expect(world.raised.map(({ code }) => code)).toEqual(['login-required']);
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'login-required', hint: 'Run `acme login`. (invalid_grant)' });
});

test('R6, the control: a failure without proof is tried again', async () => {
  const world = await new Simulation({ acme: { refresh: () => Promise.reject(new Error('What is this?')) } }).boot();
  await world.run('24h');
  expect(world.calls.length).toBe(5);
  expect(world.raised.map(({ code }) => code)).toEqual(['failing']);
});

test('R6: it is kept across restarts, and a person who asks without force costs no call', async () => {
  const world = await new Simulation(endedLogin().cast).boot();
  await world.run('1h');
  for (let restart = 0; restart < 5; restart += 1) await world.crash('1h');
  await world.keeper().refresh(false);
  expect(world.calls).toHaveLength(1);
  expect(world.raised).toHaveLength(1);
});

test('R6: a login while the daemon runs is noticed', async () => {
  const { store, cast } = endedLogin();
  const world = await new Simulation(cast).boot();
  await world.run('1h');
  await world.keeper().credentialChanged();
  expect(world.keeper().record.state.name).toBe('halted');
  store.fingerprint = 'new';
  await world.keeper().credentialChanged();
  await world.run('1m');
  expect(world.attempts.map(({ outcome, reason }) => `${reason} ${outcome}`)).toEqual(['schedule login-required', 'changed fresh']);
});

test('R6: a login while the daemon was down is noticed at its start', async () => {
  const { store, cast } = endedLogin();
  const world = await new Simulation(cast).boot();
  await world.run('1h');
  world.powerOff();
  store.fingerprint = 'new';
  await world.boot();
  await world.run('1m');
  expect(world.keeper().record.state.name).toBe('alive');
});

test('R6: a login while the vendor is still saying that one is needed is noticed', async () => {
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

test('R6: a provider that writes its own store while it fails is halted all the same', async () => {
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
