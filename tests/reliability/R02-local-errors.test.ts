import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/contract/duration.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { Simulation } from '../support/clock/simulation.ts';

/** Runs a session through a period in which every attempt fails with a local error. */
async function afterTrouble(duration: Duration, every: Duration, trouble: () => Error): Promise<Simulation> {
  const world: Simulation = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every } },
      refresh: () => (world.clock.monotonic() < toMs(duration) ? Promise.reject(trouble()) : { status: 'fresh' }),
    },
  });
  await world.boot();
  await world.run(duration);
  return world;
}

test.each([
  ['the credential cannot be replaced', () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'ENOSPC' })],
  ['another program holds the lock', () => new KeepaliveError('KA_STORE_LOCKED')],
  ['no program can be started', () => new KeepaliveError('KA_MACHINE_EXHAUSTED', { reason: 'EAGAIN' })],
  ["the vendor's program does not renew and does not say why", () => new KeepaliveError('KA_NOT_RENEWED')],
  ['the daemon cannot save its state', () => new KeepaliveError('KA_HOME_UNUSABLE', { reason: 'EROFS' })],
])(
  'R2: six hours in which %s disable no session, raise one notice with advice, and end within half an hour',
  async (_what, trouble) => {
    const world = await afterTrouble('6h', '12h', trouble);
    expect(world.keeper().record.state).toMatchObject({ name: 'waiting', failures: 0 });
    expect(world.calls.length).toBeGreaterThan(10);
    expect(world.raised).toMatchObject([{ code: 'failing', body: expect.stringContaining(describeOurs(trouble())) }]);
    expect(world.cleared).toEqual([]);
    await world.run('33m');
    expect(world.keeper().record.state.name).toBe('alive');
    expect(world.cleared).toEqual([expect.objectContaining({ code: 'failing' })]);
  },
);

test('R2: a local error that is gone by the third attempt raises no notice', async () => {
  const world = await afterTrouble('3m', '12h', () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'EBUSY' }));
  expect(world.calls).toHaveLength(2);
  await world.run('5m');
  expect(world.keeper().record.state.name).toBe('alive');
  expect(world.raised).toEqual([]);
});

test('R2 control: the same six hours disable the session if the error is not known to be local', async () => {
  const world = await afterTrouble('6h', '30m', () => Object.assign(new Error('full'), { code: 'ENOSPC' }));
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'too-many-failures', failures: 5 });
});
