import { expect, test } from 'vitest';
import deadline, { type DeadlineOptions } from '../../plugins/deadline/index.ts';
import type { Duration } from '../../sdk/contract/duration.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import { Simulation } from '../support/clock/simulation.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5, 12);
const END = START + 40 * DAY;
const OPTIONS = { id: 'npm', expiresAt: new Date(END).toISOString(), renew: 'npm login' };

const simulated = (options: Partial<DeadlineOptions> = {}) => {
  const { refresh, inspect, policy } = deadline({ ...OPTIONS, ...options });
  return new Simulation({ npm: { refresh, policy, ...(inspect && { inspect }) } }, { start: START });
};

/** What was raised and cleared, with the days that were left. */
function newsOf({ raised, cleared }: Simulation): readonly string[] {
  const news = [
    ...cleared.map(({ id, clearedAt }) => ({ at: clearedAt, what: 'cleared', id })),
    ...raised.map(({ id, raisedAt }) => ({ at: raisedAt, what: 'raised', id })),
  ];
  const shortId = ({ id }: Pick<Notice, 'id'>) => id.replace('npm:', '').replace('login-ends-soon:', '');
  return news
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what, id }) => `${Math.ceil((END - at) / DAY)} days: ${what} ${shortId({ id })}`);
}

const WHOLE_LIFE = [
  '30 days: raised 30d',
  '7 days: cleared 30d',
  '7 days: raised 7d',
  '3 days: cleared 7d',
  '3 days: raised 3d',
  '1 days: cleared 3d',
  '1 days: raised 1d',
  '0 days: cleared 1d',
  '0 days: raised login-required',
];
const warn: Duration[] = ['30d', '7d', '3d', '1d'];

test('a deadline is looked at twice in its life, with each warning at its time, and then needs a login', async () => {
  const life = await simulated({ warn }).boot();
  await life.run('50d');
  expect(newsOf(life)).toEqual(WHOLE_LIFE);
  expect(life.callsOf('npm').map(({ at }) => Math.round((at - START) / DAY))).toEqual([0, 40]);
  const { session } = life.keeper();
  expect(session).toMatchObject({ method: 'observe', expiresAt: END, loginExpiresAt: END });
  expect(session.state).toMatchObject({
    name: 'halted',
    why: 'login-required',
    hint: expect.stringContaining('Renew it with `npm login`'),
  });
  expect(life.notices).toMatchObject([{ code: 'login-required', action: expect.stringContaining('npm login') }]);
});

test('a deadline that is renewed is alive again, and its notices are cleared', async () => {
  const life = await simulated().boot();
  await life.run('41d');
  const plugin = deadline({ ...OPTIONS, expiresAt: new Date(END + 365 * DAY).toISOString() });
  const info = { id: 'npm', kind: 'provider', module: 'deadline', status: 'loaded', loadMs: 0 } as const;
  await life.sessions.sync([{ plugin, module: 'deadline', info }]);
  await life.run('1h');
  expect(life.keeper().session).toMatchObject({ state: { name: 'alive' }, loginExpiresAt: END + 365 * DAY });
  expect(life.notices).toEqual([]);
});

test('after weeks without a daemon, only the warning that is due is raised', async () => {
  const life = await simulated({ warn }).boot();
  await life.run('11d');
  await life.crash('27d');
  await life.run('1h');
  expect(newsOf(life)).toEqual(['30 days: raised 30d', '2 days: cleared 30d', '2 days: raised 3d']);
});

test('a machine that slept over a warning gets the one that is due when it wakes up', async () => {
  const life = await simulated({ warn }).boot();
  life.clock.jump('36d');
  await life.run('1h');
  expect(newsOf(life)).toEqual(['4 days: raised 7d']);
});

test.each<[string, readonly Duration[], readonly string[]]>([
  ['to none clears the notice', [], ['cleared 7d']],
  ['to a longer time replaces it', ['30d'], ['cleared 7d', 'raised 30d']],
  ['to the same and others keeps it', ['30d', '7d', '1h'], []],
])('a change of the warnings %s', async (_name, changed, expected) => {
  const life = await simulated().boot();
  await life.run('35d');
  expect(life.notices).toMatchObject([{ id: 'npm:login-ends-soon:7d' }]);
  const before = newsOf(life).length;
  await life.sessions.configure('npm', { warn: changed });
  expect(newsOf(life).slice(before)).toEqual(expected.map(news => `5 days: ${news}`));
});

test('with no warnings, only the end is announced', async () => {
  const life = await simulated({ warn: [] }).boot();
  await life.run('50d');
  expect(newsOf(life)).toEqual(['0 days: raised login-required']);
});

test('a login that another provider renews gets its warnings on time, between its attempts', async () => {
  const life = await new Simulation(
    {
      npm: {
        policy: { schedule: { mode: 'interval', every: '100d' } },
        refresh: () => ({ status: 'fresh', loginExpiresAt: new Date(END) }),
      },
    },
    { start: START },
  ).boot();
  await life.run('39d');
  await life.run('1m');
  expect(newsOf(life).filter(news => news.includes('raised'))).toEqual([
    '7 days: raised 7d',
    '3 days: raised 3d',
    '1 days: raised 1d',
  ]);
  expect(life.callsOf('npm')).toHaveLength(1);
});

test('a session that is paused gets no warning, and the one that is due when it is resumed', async () => {
  const life = await simulated().boot();
  await life.run('1d');
  life.keeper().pause();
  await life.run('37d');
  expect(life.raised).toEqual([]);
  await life.keeper().resume();
  await life.run('1h');
  expect(newsOf(life)).toEqual(['2 days: raised 3d']);
});
