import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/duration.ts';
import { KeepaliveError } from '../../sdk/errors.ts';
import { Simulation } from '../support/simulation.ts';

/** A session that is due so often, and a machine that fails so for six hours. */
async function afterSixHours(every: Duration, trouble: () => Error): Promise<Simulation> {
  const world: Simulation = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every } },
      refresh: () => world.clock.monotonic() < toMs('6h') ? Promise.reject(trouble()) : { status: 'fresh' },
    },
  });
  await world.boot();
  await world.run('6h');
  return world;
}

test.each([
  ['the credential cannot be replaced', () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'ENOSPC' })],
  ['another program holds it', () => new KeepaliveError('KA_STORE_LOCKED')],
  ['the daemon cannot write down what it does', () => new KeepaliveError('KA_HOME_UNUSABLE', { reason: 'EROFS' })],
])('R2: six hours in which %s disable nothing, are told once and with what to do, and end within half an hour', async (_what, trouble) => {
  const world = await afterSixHours('12h', trouble);
  expect(world.keeper().record.state).toMatchObject({ name: 'waiting', failures: 0 });
  expect(world.calls.length).toBeGreaterThan(10);
  expect(world.raised).toMatchObject([{ code: 'failing', body: expect.stringContaining(trouble().message) }]);
  expect(world.cleared).toEqual([]);
  await world.run('33m');
  expect(world.keeper().record.state.name).toBe('alive');
  expect(world.cleared).toEqual([expect.objectContaining({ code: 'failing' })]);
});

test('R2, the control: the same six hours do disable where nobody can tell that it is the disk', async () => {
  const world = await afterSixHours('30m', () => Object.assign(new Error('full'), { code: 'ENOSPC' }));
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'too-many-failures', failures: 5 });
});
