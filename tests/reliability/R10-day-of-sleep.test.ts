import { expect, test } from 'vitest';
import { deafScheduler } from '../support/clock/deaf-scheduler.ts';
import { times } from '../support/runs.ts';
import { Simulation, type Cast, type Options, type Script } from '../support/clock/simulation.ts';

const SESSIONS = times(300, 10_000);
const many = (refresh: Script): Cast =>
  Object.fromEntries(
    Array.from({ length: SESSIONS }, (_, n) => [
      `s${n}`,
      { policy: { schedule: { mode: 'interval' as const, every: '30m' as const } }, refresh },
    ]),
  );
/** The network gets this much time at least. */
const SETTLE_MS = 500;
const FIRST_WITHIN_MS = 5_000;
const alwaysFresh: Script = () => ({ status: 'fresh' });

/** The largest number of attempts within half a second. */
function mostInHalfASecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let first = 0;
  return Math.max(
    ...sorted.map((at, index) => {
      while (at - (sorted[first] ?? at) >= 500) first += 1;
      return index - first + 1;
    }),
  );
}

/** Lets many sessions sleep for a day. Returns the attempts of the next twenty minutes and how late each was. */
async function sleepForADay(options: Options = {}) {
  const world = await new Simulation(many(alwaysFresh), options).boot();
  await world.run('10m');
  expect(world.calls).toHaveLength(SESSIONS);
  world.clock.jump('24h');
  const woken = world.clock.monotonic();
  await world.run('20m');
  const calls = world.calls.slice(SESSIONS);
  return { calls, lateness: calls.map(({ elapsed }) => elapsed - woken) };
}

test('R10: after a day of sleep each session is attempted once, spread out, the first within five seconds', async ({
  annotate,
}) => {
  const { calls, lateness } = await sleepForADay();
  expect(calls).toHaveLength(SESSIONS);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(SESSIONS);
  expect(new Set(calls.map(({ reason }) => reason))).toEqual(new Set(['wake']));
  const [first, last] = [Math.min(...lateness), Math.max(...lateness)];
  expect(first).toBeGreaterThanOrEqual(SETTLE_MS);
  expect(first).toBeLessThanOrEqual(FIRST_WITHIN_MS);
  expect(last).toBeLessThanOrEqual(60_000);
  expect(mostInHalfASecond(lateness)).toBeLessThan(SESSIONS / 10);
  await annotate(
    `${SESSIONS} sessions: ${calls.length} attempts, the first after ${first / 1_000} s, ` +
      `the last after ${last / 1_000} s, at most ${mostInHalfASecond(lateness)} in half a second`,
  );
});

test('R10: the first attempt comes within five seconds, at whatever moment the machine wakes up', async ({
  annotate,
}) => {
  const late: number[] = [];
  for (let moment = 0; moment < FIRST_WITHIN_MS; moment += 100) {
    const world = await new Simulation({
      acme: { policy: { schedule: { mode: 'interval', every: '30m' } }, refresh: alwaysFresh },
    }).boot();
    await world.clock.run(60_000 + moment);
    world.clock.jump('24h');
    const woken = world.clock.monotonic();
    await world.run('10s');
    expect(world.calls).toHaveLength(2);
    late.push((world.calls[1]?.elapsed ?? Infinity) - woken);
  }
  expect(Math.min(...late)).toBeGreaterThanOrEqual(SETTLE_MS);
  expect(Math.max(...late)).toBeLessThanOrEqual(FIRST_WITHIN_MS);
  const mean = late.reduce((sum, ms) => sum + ms, 0) / late.length;
  await annotate(
    `${late.length} moments: after ${Math.min(...late)} to ${Math.max(...late)} ms, ${mean} ms on average`,
  );
});

test('R10 control: if the sleep is not noticed, all attempts come at once, before the network is up', async () => {
  const { calls, lateness } = await sleepForADay({ scheduler: deafScheduler });
  expect(new Set(calls.map(({ reason }) => reason))).toEqual(new Set(['schedule']));
  expect(mostInHalfASecond(lateness)).toBe(SESSIONS);
});

const NO_NETWORK_MS = 20_000;

/** The network is up twenty seconds after the machine wakes. Until then every attempt fails. */
async function failuresAfterSleep(options: Options = {}): Promise<ReadonlySet<string>> {
  let connectedAt = 0;
  const world: Simulation = new Simulation(
    many(() =>
      world.clock.monotonic() < connectedAt ? Promise.reject(new Error('no route yet')) : { status: 'fresh' },
    ),
    options,
  );
  await world.boot();
  await world.run('10m');
  world.clock.jump('24h');
  connectedAt = world.clock.monotonic() + NO_NETWORK_MS;
  await world.run('1m');
  return new Set(world.attempts.slice(SESSIONS).map(({ outcome, failures }) => `${outcome} ${failures}`));
}

test('R10: failures before the network is up again are not counted', async () => {
  expect(await failuresAfterSleep()).toEqual(new Set(['failed 0', 'fresh 0']));
});

test('R10 control: they are counted if the sleep is not noticed', async () => {
  expect(await failuresAfterSleep({ scheduler: deafScheduler })).toEqual(new Set(['failed 1']));
});

test('R10: failures in the first minute after a wake are not counted, later ones are', async () => {
  let broken = false;
  const world = await new Simulation(
    many(() => (broken ? Promise.reject(new Error('no route yet')) : { status: 'fresh' })),
  ).boot();
  await world.run('10m');
  world.clock.jump('24h');
  broken = true;
  await world.run('50s');
  expect(new Set(world.attempts.slice(-SESSIONS).map(({ outcome, failures }) => `${outcome} ${failures}`))).toEqual(
    new Set(['failed 0']),
  );
  await world.run('3m');
  expect(new Set(world.attempts.slice(-SESSIONS).map(({ outcome, failures }) => `${outcome} ${failures}`))).toEqual(
    new Set(['failed 1']),
  );
});

test('R10: a sleep is noticed too if the monotonic clock continues during it', async () => {
  const world = await new Simulation({
    acme: { policy: { schedule: { mode: 'interval', every: '30m' } }, refresh: alwaysFresh },
  }).boot();
  await world.run('1m');
  world.clock.oversleep('8h');
  await world.run('5s');
  expect(world.calls.map(({ reason }) => reason)).toEqual(['schedule', 'wake']);
});
