import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/contract/duration.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { Simulation } from '../support/clock/simulation.ts';

/** A session that is due so often, and a machine that fails so for a while, after which it is looked at. */
async function after(lasting: Duration, every: Duration, trouble: () => Error): Promise<Simulation> {
  const world: Simulation = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every } },
      refresh: () => (world.clock.monotonic() < toMs(lasting) ? Promise.reject(trouble()) : { status: 'fresh' }),
    },
  });
  await world.boot();
  await world.run(lasting);
  return world;
}

test.each([
  ['the credential cannot be replaced', () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'ENOSPC' })],
  ['another program holds it', () => new KeepaliveError('KA_STORE_LOCKED')],
  ['no program can be started', () => new KeepaliveError('KA_MACHINE_EXHAUSTED', { reason: 'EAGAIN' })],
  ["the vendor's program does not renew and does not say why", () => new KeepaliveError('KA_NOT_RENEWED')],
  ['the daemon cannot write down what it does', () => new KeepaliveError('KA_HOME_UNUSABLE', { reason: 'EROFS' })],
])(
  'R2: six hours in which %s disable nothing, are told once and with what to do, and end within half an hour',
  async (_what, trouble) => {
    const world = await after('6h', '12h', trouble);
    expect(world.keeper().record.state).toMatchObject({ name: 'waiting', failures: 0 });
    expect(world.calls.length).toBeGreaterThan(10);
    expect(world.raised).toMatchObject([{ code: 'failing', body: expect.stringContaining(trouble().message) }]);
    expect(world.cleared).toEqual([]);
    await world.run('33m');
    expect(world.keeper().record.state.name).toBe('alive');
    expect(world.cleared).toEqual([expect.objectContaining({ code: 'failing' })]);
  },
);

test('R2: what is over by the third try, as a scanner that had the file open, is told to nobody', async () => {
  const world = await after('3m', '12h', () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'EBUSY' }));
  expect(world.calls).toHaveLength(2);
  await world.run('5m');
  expect(world.keeper().record.state.name).toBe('alive');
  expect(world.raised).toEqual([]);
});

test('R2, the control: the same six hours do disable where nobody can tell that it is the disk', async () => {
  const world = await after('6h', '30m', () => Object.assign(new Error('full'), { code: 'ENOSPC' }));
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'too-many-failures', failures: 5 });
});
