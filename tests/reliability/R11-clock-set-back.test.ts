import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/contract/duration.ts';
import type { Schedule } from '../../sdk/contract/policy.ts';
import { isDue } from '../../sdk/recipes/oauth/read-credential.ts';
import type { Credential, TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { tickAfter } from '../../lifecycle/schedule.ts';
import { deafScheduler } from '../support/clock/deaf-scheduler.ts';
import { Simulation, type Options, type Script } from '../support/clock/simulation.ts';

const fresh: Script = () => ({ status: 'fresh' });
const periodic: readonly (readonly [string, Schedule, Duration])[] = [
  ['interval', { mode: 'interval', every: '30m' }, '30m'],
  ['before-expiry without an expiry', { mode: 'before-expiry', buffer: '5m' }, '30m'],
  ['cron', { mode: 'cron', pattern: '*/15 * * * *' }, '15m'],
];

/** The clock is set back while the daemon runs, or while it is down and cannot notice. */
const setBack = {
  'while it runs': async (world: Simulation) => world.clock.jump('24h', -1),
  'while it is down': async (world: Simulation) => {
    world.powerOff();
    world.clock.jump('24h', -1);
    await world.boot();
  },
};

/** The longest time without an attempt in the following three hours. */
async function longestSilence(
  schedule: Schedule,
  act: (world: Simulation) => unknown,
  options?: Options,
): Promise<number> {
  const world = await new Simulation({ acme: { policy: { schedule }, refresh: fresh } }, options).boot();
  await world.run('2h');
  await act(world);
  const [before, at] = [world.calls.length, world.clock.monotonic()];
  await world.run('3h');
  const times = [at, ...world.calls.slice(before).map(({ elapsed }) => elapsed), world.clock.monotonic()];
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}

test.for(
  Object.entries(setBack).flatMap(([when, act]) =>
    periodic.map(([name, schedule, every]) => ({ when, act, name, schedule, every })),
  ),
)(
  'R11: $name is on time within one interval after the clock was set back by a day $when',
  async ({ when, name, act, schedule, every }, { annotate }) => {
    const silence = await longestSilence(schedule, act);
    expect(silence).toBeLessThanOrEqual(toMs(every) + 35_000);
    await annotate(`${name}, ${when}: at most ${Math.round(silence / 1_000)} s without an attempt, of ${every}`);
  },
);

test.each(periodic)(
  'R11 control: %s makes no attempt for hours if the change is not noticed',
  async (_name, schedule) => {
    expect(await longestSilence(schedule, setBack['while it runs'], { scheduler: deafScheduler })).toBe(toMs('3h'));
  },
);

test.each(Object.entries(setBack))(
  'R11: the wait for a retry is not a day longer if the clock was set back %s',
  async (_when, act) => {
    const world = await new Simulation({
      acme: { refresh: () => Promise.reject(Object.assign(new Error('away'), { code: 'ENOTFOUND' })) },
    }).boot();
    await world.run('1m');
    await act(world);
    await world.run('6m');
    expect(world.calls.length).toBeGreaterThanOrEqual(2);
  },
);

const DAILY: Schedule = { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' };
const summerDate = (at: number): string => new Date(at + toMs('2h')).toISOString().slice(0, 10);

test.each(Object.entries(setBack))(
  'R11: no local date has a second daily run if the clock was set back %s',
  async (_when, act) => {
    const world = await new Simulation(
      { acme: { policy: { schedule: DAILY }, refresh: fresh } },
      { start: Date.UTC(2026, 5, 10, 0, 0) },
    ).boot();
    await world.run('3d');
    await act(world);
    await world.run('5d');
    const dates = world.calls.slice(1).map(({ at }) => summerDate(at));
    expect(new Set(dates).size).toBe(dates.length);
    expect(dates.length).toBeGreaterThanOrEqual(6);
  },
);

test('R11 control: by the calendar alone the next time is a second one on that date', () => {
  const last = Date.UTC(2026, 5, 13, 0, 30);
  const setBackTo = last + toMs('1h') - toMs('24h');
  expect(summerDate(tickAfter(DAILY, setBackTo))).toBe(summerDate(last));
  expect(summerDate(tickAfter(DAILY, last))).not.toBe(summerDate(last));
});

test.each(Object.entries(setBack))(
  'R11: a renewal after the clock was set back %s counts, although its expiry is an earlier date',
  async (_when, act) => {
    const world: Simulation = new Simulation({
      acme: {
        policy: { schedule: { mode: 'interval', every: '10m' } },
        refresh: ({ now }) => ({ status: 'refreshed', expiresAt: new Date(now() + toMs('1h')) }),
      },
    });
    await world.boot();
    await world.run('2h');
    await act(world);
    await world.run('1h');
    expect(world.attempts.filter(({ code }) => code !== undefined)).toEqual([]);
    expect(world.keeper().record.state.name).toBe('alive');
  },
);

const SOURCE: TokenFile = {
  file: '/token.json',
  tokenEndpoint: 'https://vendor.test/token',
  clientId: 'client',
  paths: { access: 'access', refresh: 'refresh' },
  signIn: 'Sign in.',
};
const STORED: Credential = {
  path: '/token.json',
  text: '',
  json: {},
  access: 'a',
  refresh: 'r',
  fingerprint: 'f',
  expiresAt: new Date(0),
  expiryForm: undefined,
  issuedAt: undefined,
  loginExpiresAt: undefined,
};

test.each(Object.entries(setBack))(
  'R11: a token whose expiry was computed before the clock was set back %s is renewed before it ends',
  async (_when, act) => {
    const late: number[] = [];
    let renewals = 0;
    let endsAt = Infinity;
    let stored = STORED;
    const world: Simulation = new Simulation({
      acme: {
        policy: { schedule: { mode: 'before-expiry', buffer: '5m' } },
        refresh(context) {
          if (world.clock.monotonic() > endsAt) late.push(world.clock.monotonic() - endsAt);
          const { expiresAt } = stored;
          if (!isDue(SOURCE, stored, context)) return { status: 'fresh', expiresAt };
          renewals += 1;
          endsAt = world.clock.monotonic() + toMs('1h');
          stored = { ...stored, expiresAt: new Date(context.now() + toMs('1h')) };
          return { status: 'refreshed', expiresAt: stored.expiresAt };
        },
      },
    });
    await world.boot();
    await world.run('130m');
    await act(world);
    await world.run('5h');
    expect(late).toEqual([]);
    expect(world.clock.monotonic()).toBeLessThan(endsAt);
    // Each hour, and once more after the change.
    expect(renewals).toBeLessThanOrEqual(9);
    expect(world.keeper().record.state.name).toBe('alive');
  },
);
