import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { WarmUp, WarmUpRun } from '../../../sdk/contract/rpc.ts';
import { ALIVE, FakeKernel, HOUR, MINUTE, NOW, session, type Answers } from './fake-kernel.ts';
import { keepalive, type Circumstances } from './run-cli.ts';

const run = (more: Partial<WarmUpRun> = {}): WarmUpRun => ({
  id: 'morning',
  session: 'claude',
  plannedAt: NOW - 6 * HOUR,
  endedAt: NOW - 6 * HOUR + MINUTE,
  result: 'started',
  message: 'A window was started. It began 06:00 and resets 11:00.',
  windows: [],
  ...more,
});

const warmUp = (more: Partial<WarmUp> = {}): WarmUp => ({
  id: 'morning',
  session: 'claude',
  at: ['06:00', '14:00'],
  days: ['mon', 'tue'],
  timezone: 'Europe/Berlin',
  next: [{ at: NOW + 2 * HOUR, skipped: 'A window is running already.' }, { at: NOW + 18 * HOUR }],
  windows: [{ kind: 'short', usedPercent: 12, startsAt: NOW - 2 * HOUR, resetsAt: NOW + 3 * HOUR }],
  windowsAt: NOW - HOUR,
  last: run(),
  cost: { command: ['claude', '-p', ''], tokens: 'about 700', terms: 'As we read them.', warning: 'Two a day.' },
  today: 1,
  ...more,
});

const PAUSED = { at: NOW - HOUR, why: '2 warm-ups in a row had no effect. No effect: no window was reported.' };

function daemonWith(warmUps: readonly WarmUp[], answers: Answers = {}) {
  return new FakeKernel([session('claude', ALIVE), session('gem', ALIVE, { provider: 'gemini' })], {
    'warmup/list': () => warmUps,
    'warmup/history': () => [run(), run({ result: 'skipped', reason: 'in-use', message: 'Claude is in use.' })],
    'warmup/resume': () => warmUp(),
    'warmup/cost': () => warmUp().cost ?? { command: [], tokens: '', terms: '' },
    'warmup/add': () => warmUp({ added: true }),
    'warmup/remove': () => null,
    'session/remove': ({ id }) => Promise.reject(new KeepaliveError('KA_SESSION_NOT_FOUND', { id })),
    ...answers,
  });
}

describe('keepalive warmup', () => {
  test('shows windows, last run and next times of each', async () => {
    const { out, exitCode } = await keepalive(['warmup'], {
      daemon: daemonWith([warmUp(), warmUp({ id: 'noon', paused: PAUSED })]),
    });
    expect(exitCode).toBe(0);
    expect(out).toContain(
      [
        'morning  claude  ◌ next in 2 h (14:00)',
        '  schedule      06:00, 14:00 on Mon, Tue; Europe/Berlin',
        '  limits        at most 1 prompt a day, then its other times are skipped; ' +
          'skipped if the machine sleeps at the time; 1 prompt today',
        '  windows       5-hour window: 12 % used, resets in 3 h (15:00)',
        '                reported 1 h ago',
        '  last run      ● 6 h ago (06:00): A window was started. It began 06:00 and resets 11:00.',
        '  next          in 2 h (14:00): will be skipped. A window is running already.',
        '                in 18 h (Wed 11 Mar 06:00)',
      ].join('\n'),
    );
    expect(out).toContain('noon  claude  ✗ paused itself 1 h ago');
    expect(out).toContain('  if resumed    in 2 h (14:00)\n');
    expect(out).toContain(`${PAUSED.why} To resume it, run \`keepalive warmup noon --resume\`.`);
  });

  test.each([80, 40])('fits into %i columns', async columns => {
    const daemon = daemonWith([warmUp({ paused: PAUSED })]);
    const { out } = await keepalive(['--no-color', 'warmup', 'morning', '--dry-run'], {
      daemon,
      terminal: { columns },
    });
    expect(out.split('\n').filter(line => line.length > columns)).toEqual([]);
    expect(out).toContain('2 warm-ups in a row had');
  });

  test('an id also shows the last ten runs', async () => {
    const daemon = daemonWith([warmUp()]);
    const { out } = await keepalive(['warmup', 'morning'], { daemon });
    expect(daemon.asked).toContainEqual(['warmup/list', { id: 'morning', plan: 10 }]);
    expect(daemon.asked).toContainEqual(['warmup/history', { id: 'morning', limit: 10 }]);
    expect(out).toContain('history       ● 6 h ago (06:00): A window was started.');
    expect(out).toContain('◌ 6 h ago (06:00): skipped. Claude is in use.');
    const none = await keepalive(['warmup', 'morning'], {
      daemon: daemonWith([warmUp()], { 'warmup/history': () => [] }),
    });
    expect(none.out).toContain('It has not run yet.');
  });

  test('--dry-run shows the exact command and what it costs, and says that nothing was sent', async () => {
    const daemon = daemonWith([warmUp()]);
    const { out } = await keepalive(['warmup', '--dry-run'], { daemon });
    expect(daemon.asked).toContainEqual(['warmup/list', { plan: 10 }]);
    for (const text of ["claude -p ''", 'About 700.', 'As we read them.', 'Two a day.', 'Nothing was sent.'])
      expect(out).toContain(text);
  });

  test.each([
    [['warmup', '--plan', '5'], { plan: 5 }],
    [['warmup', '--plan', '100'], { plan: 100 }],
    [['warmup'], { plan: 3 }],
  ])('%j asks for as many times', async (line, params) => {
    const daemon = daemonWith([]);
    await keepalive(line, { daemon });
    expect(daemon.asked).toContainEqual(['warmup/list', params]);
  });

  test.each(['0', '101', '1.5', '-3', 'ten', ''])('--plan %j is refused with what is accepted', async count => {
    const { exitCode, err } = await keepalive(['warmup', `--plan=${count}`], { daemon: daemonWith([]) });
    expect(exitCode).toBe(2);
    expect(err).toContain('Give a whole number from 1 to 100.');
  });

  test('--resume needs an id, and resumes that one', async () => {
    const daemon = daemonWith([warmUp()]);
    expect(await keepalive(['warmup', '--resume'], { daemon })).toMatchObject({ exitCode: 2 });
    const { out } = await keepalive(['warmup', 'morning', '--resume'], { daemon });
    expect(daemon.asked).toContainEqual(['warmup/resume', { id: 'morning' }]);
    expect(out).toContain('It was resumed. Nothing is sent before its next time.');
  });

  test('without any, it says how to add one and that none is made unasked', async () => {
    const { out } = await keepalive(['warmup'], { daemon: daemonWith([]) });
    expect(out).toContain('none is made unless you ask for it');
    expect(out).toContain('keepalive add warmup --id morning session=claude at=06:00');
  });

  test('without a daemon it says that nothing is sent', async () => {
    const kernel = daemonWith([warmUp()]);
    const channel = { ...kernel.channel(), origin: undefined };
    const stopped = Promise.resolve();
    const { out } = await keepalive(['warmup'], { system: { serveHere: async () => ({ channel, stopped }) } });
    expect(out).toContain('morning');
    expect(out).toContain('No daemon runs, so nothing is sent. `keepalive start` starts one.');
  });

  test('--json prints the documents of the API', async () => {
    const daemon = daemonWith([warmUp()]);
    expect(JSON.parse((await keepalive(['warmup', '--json'], { daemon })).out)).toEqual([warmUp()]);
    const one: unknown = JSON.parse((await keepalive(['warmup', 'morning', '--json'], { daemon })).out);
    expect(one).toMatchObject({ warmUp: warmUp(), history: [run(), { reason: 'in-use' }] });
  });

  test('windows that are not known, or over, are said to be so', async () => {
    const { windowsAt: _never, ...unknown } = warmUp({ windows: [] });
    expect((await keepalive(['warmup'], { daemon: daemonWith([unknown]) })).out).toContain(
      'not known, because none was reported yet',
    );
    const over = daemonWith([warmUp({ windows: [] })]);
    expect((await keepalive(['warmup'], { daemon: over })).out).toContain('none is running, reported 1 h ago');
  });
});

describe('keepalive add warmup', () => {
  const LINE = ['add', 'warmup', '--id', 'morning', 'session=claude', 'at=06:00,11:30', 'days=mon,tue', 'perDay=2'];
  const OPTIONS = { id: 'morning', session: 'claude', at: ['06:00', '11:30'], days: ['mon', 'tue'], perDay: 2 };
  const add = async (
    line: readonly string[],
    { answers = {}, ...more }: Circumstances & { answers?: Answers } = {},
  ) => {
    const daemon = daemonWith([], answers);
    const result = await keepalive(line, { daemon, ...more });
    return { ...result, added: daemon.asked.filter(([method]) => method === 'warmup/add').map(([, params]) => params) };
  };

  test('shows the cost, asks, and adds it', async () => {
    let before = '';
    const asked: string[] = [];
    const output = (text: string) => (before += asked.length === 0 ? text : '');
    const ask = async (question: string) => (asked.push(question), 'y');
    const { out, added, exitCode } = await add(LINE, { output, system: { ask } });
    expect([exitCode, asked, added]).toEqual([0, ['Switch it on? [y/N] '], [{ options: OPTIONS }]]);
    for (const text of ["claude -p ''", 'About 700.', 'As we read them.', 'Two a day.']) expect(before).toContain(text);
    expect(out).toContain('It was added. Nothing is sent before 14:00.');
    expect(out).toContain('`keepalive remove morning`');
  });

  test.each(['n', '', 'yess'])('adds nothing for the answer %j', async answer => {
    const { exitCode, err, added } = await add(LINE, { system: { ask: async () => answer } });
    expect([exitCode, added]).toEqual([1, []]);
    expect(err).toContain('Nothing was added, and nothing is sent.');
  });

  test('needs --yes without a terminal and with --json', async () => {
    const silent = await add(LINE);
    expect([silent.exitCode, silent.added]).toEqual([2, []]);
    expect(silent.err).toContain('There is no terminal to ask at, so nothing was added. Add --yes');
    const json = await add([...LINE, '--json']);
    expect([json.exitCode, json.added]).toEqual([2, []]);
    expect((await add([...LINE, '--yes'])).added).toEqual([{ options: OPTIONS }]);
    const both = await add([...LINE, '--yes', '--json']);
    expect(JSON.parse(both.out)).toMatchObject({ id: 'morning', added: true });
  });

  test.each<[readonly string[], string]>([
    [['add', 'warmup', 'session=claude', 'at=06:00'], 'warmup also needs an id: `keepalive add warmup --id morning'],
    [['add', 'warmup', '--id', 'x', 'at=06:00'], 'warmup also needs session.'],
    [['add', 'warmup', '--id', 'x', 'session=claude', 'time=06:00'], 'warmup has no option "time".'],
    [['add', 'warmup', '--id', 'x', 'session=claude', 'perDay=two'], 'perDay=two: expected a number.'],
  ])('%j is refused before anything is asked: %s', async (line, message) => {
    const { exitCode, err, added } = await add(line);
    expect([exitCode, added]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  const refuse = (error: unknown, name = 'claude') =>
    add(['add', 'warmup', '--id', 'x', `session=${name}`, 'at=25:00', '--yes'], {
      answers: { 'warmup/cost': () => Promise.reject(error) },
    });

  test('all problems of the options are reported, before anything is added', async () => {
    const problems = [
      { path: 'options.at.0', message: 'expected a time' },
      { path: 'options.days', message: 'expected a day' },
    ];
    const invalid = await refuse(Object.assign(new Error('Invalid params'), { code: -32_602, data: { problems } }));
    expect(invalid).toMatchObject({
      exitCode: 2,
      err: 'warmup cannot be added like this:\n  at.0: expected a time\n  days: expected a day\n',
      added: [],
    });
  });

  test('an unknown session is answered with those that there are', async () => {
    const error = new KeepaliveError('KA_SESSION_NOT_FOUND', { id: 'cloud', known: ['claude', 'gem'] });
    expect((await refuse(error, 'cloud')).err).toContain('There is no session "cloud"');
  });

  test('a session of Google is refused with the reason', async () => {
    const google = await refuse(new KeepaliveError('KA_WARMUP_UNSUPPORTED', { session: 'gem' }), 'gem');
    expect(google.err).toContain('and has suspended accounts');
    expect(google.err).toContain('There are warm-ups for claude and codex.');
  });

  test('a taken id is answered with another', async () => {
    const taken = await refuse(new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id: 'x' }));
    expect(taken.err).toContain('keepalive add warmup --id x-2');
  });

  test('--help and the list explain it', async () => {
    expect((await keepalive(['add', '--help'])).out).toContain('warmup: sends one prompt at a chosen time');
    expect((await keepalive(['add'], { daemon: daemonWith([]) })).out).toContain('warmup: sends one prompt');
  });
});

describe('keepalive remove', () => {
  test('removes a warm-up if there is no such session', async () => {
    const daemon = daemonWith([]);
    const { out, exitCode } = await keepalive(['remove', 'morning'], { daemon });
    expect([exitCode, out]).toEqual([
      0,
      'The warm-up morning was removed. Nothing more is sent. Its session is kept alive as before.\n',
    ]);
    expect(daemon.asked).toContainEqual(['warmup/remove', { id: 'morning' }]);
  });

  test.each([
    ['KA_WARMUP_NOT_FOUND', 'There is no session "morning". There is no such warm-up either.'],
    ['KA_WARMUP_NOT_ADDED', 'The warm-up is in the configuration. Remove it there.'],
  ] as const)('for %s says: %s', async (code, message) => {
    const answers: Answers = { 'warmup/remove': ({ id }) => Promise.reject(new KeepaliveError(code, { id })) };
    const { exitCode, err } = await keepalive(['remove', 'morning'], { daemon: daemonWith([], answers) });
    expect(exitCode).toBe(1);
    expect(err).toContain(message);
  });
});
