import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../sdk/contract/policy.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import {
  ALIVE,
  attempt,
  DAY,
  FakeKernel,
  HOUR,
  INFO,
  LOGIN,
  MINUTE,
  NOW,
  PAUSED,
  session,
  SESSIONS,
} from './fake-kernel.ts';
import { keepalive } from './run-cli.ts';

describe('--json', () => {
  const kernel = () =>
    new FakeKernel(SESSIONS, {
      'session/plan': () => [{ id: 'claude', at: NOW, why: 'due' }],
      'session/history': () => [attempt('claude')],
      'session/explain': () => ({ id: 'claude', text: 'So.', facts: {} }),
      'doctor/run': () => [{ level: 'ok', subject: 'node', message: 'fine' }],
      'config/show': () => ({ file: null, plugins: [], values: [] }),
    });

  test.each([
    'status',
    'status claude',
    'check',
    'refresh',
    'pause claude',
    'resume claude',
    'set claude retries=1',
    'unset claude retries',
    'plan',
    'history',
    'explain claude',
    'doctor',
    'config show',
    'config path',
    'plugin list',
    'prompt',
    'logs',
    'completion bash',
    'start',
    'stop',
  ])('%s prints one document, and nothing else', async line => {
    const { out } = await keepalive([...line.split(' '), '--json'], { daemon: kernel(), terminal: { columns: 80 } });
    expect(() => JSON.parse(out)).not.toThrow();
  });

  test('may be anywhere, and times are exact', async () => {
    const { out } = await keepalive(['--json', 'status', 'claude'], { daemon: kernel() });
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(SESSIONS[0])));
    expect(JSON.parse((await keepalive(['--json'], { daemon: kernel() })).out)).toHaveLength(SESSIONS.length);
  });
});

describe('colour', () => {
  const ESCAPE = '\x1b[';
  test.each([
    [true, 'on a terminal', { terminal: { columns: 80 } }, []],
    [false, 'elsewhere', {}, []],
    [false, 'with NO_COLOR', { terminal: { columns: 80 }, env: { NO_COLOR: '1' } }, []],
    [false, 'with --no-color', { terminal: { columns: 80 } }, ['--no-color']],
    [false, 'on a dumb terminal', { terminal: { columns: 80 }, env: { TERM: 'dumb' } }, []],
  ])('%s %s', async (expected, _, circumstances, flags) => {
    const { out } = await keepalive(['status', ...flags], { daemon: new FakeKernel(SESSIONS), ...circumstances });
    expect(out.includes(ESCAPE)).toBe(expected);
  });
});

test('`keepalive` alone shows the status', async () => {
  const alone = await keepalive([], { daemon: new FakeKernel(SESSIONS) });
  expect(alone).toEqual(await keepalive(['status'], { daemon: new FakeKernel(SESSIONS) }));
  expect(alone.out).toContain('claude');
});

test('--home is read before files are located', async () => {
  const env: Record<string, string | undefined> = {};
  await keepalive(['status', '--home', '/some/where'], { env });
  expect(env['KEEPALIVE_HOME']).toBe('/some/where');
});

describe('refresh', () => {
  const askedFor = (kernel: FakeKernel) =>
    kernel.asked.filter(([method]) => method === 'session/refresh').map(([, params]) => params);

  test.each([
    [
      'refresh',
      [
        { id: 'claude', force: false },
        { id: 'codex', force: false },
      ],
    ],
    [
      'refresh --all --force',
      [
        { id: 'claude', force: true },
        { id: 'codex', force: true },
      ],
    ],
    ['refresh web', [{ id: 'web', force: false }]],
    [
      'refresh web claude web',
      [
        { id: 'web', force: false },
        { id: 'claude', force: false },
      ],
    ],
  ])('%s asks for the right ones, once', async (line, asked) => {
    const daemon = new FakeKernel([session('claude', ALIVE), session('codex', LOGIN), session('web', PAUSED)]);
    await keepalive(line.split(' '), { daemon });
    expect(askedFor(daemon)).toEqual(asked);
  });

  test('reports each result, and continues after a refusal', async () => {
    const daemon = new FakeKernel([], {
      'session/refresh': ({ id }) => {
        if (id === 'early') throw new KeepaliveError('KA_RATE_LIMITED', { id, retryAt: NOW + 10_000 });
        return session(id, ALIVE, { lastAttempt: attempt(id), expiresAt: NOW + 5 * HOUR });
      },
    });
    const { exitCode, out, err } = await keepalive(['refresh', 'early', 'claude', '--force'], { daemon });
    expect(exitCode).toBe(1);
    expect(out).toBe('✓ claude renewed (touch); expires in 5 h; next attempt in 28 min\n');
    expect(err).toBe(
      'early: It is too early for another attempt. The next is possible in 10 s (12:00). (KA_RATE_LIMITED)\n',
    );
  });

  test.each([
    ['· codex alive, attempted 2 min ago and not again; expires in 5 h', NOW + 5 * HOUR],
    ['▲ codex expired, attempted 2 min ago and not again; expired 1 h ago', NOW - HOUR],
  ])('without an attempt it shows what the credential says now: "%s"', async (line, expiresAt) => {
    const lastAttempt = attempt('codex');
    const remembered = session('codex', ALIVE, { lastAttempt, expiresAt: NOW + 5 * HOUR });
    const daemon = new FakeKernel([remembered], {
      'session/look': () => session('codex', ALIVE, { lastAttempt, expiresAt }),
    });
    const { exitCode, out } = await keepalive(['refresh', 'codex'], { daemon });
    expect(out.split(/; next|\n/)[0]).toBe(line);
    expect(exitCode).toBe(expiresAt < NOW ? 6 : 0);
  });

  test('says that nothing was to be renewed', async () => {
    const lastAttempt = attempt('codex', { outcome: 'fresh' });
    const daemon = new FakeKernel([session('codex', ALIVE)], {
      'session/refresh': () => session('codex', ALIVE, { lastAttempt }),
    });
    const { out } = await keepalive(['refresh', 'codex'], { daemon });
    expect(out).toBe('✓ codex still good, nothing to renew; next attempt in 28 min\n');
  });

  test('shows running attempts on a terminal, then only the outcomes', async () => {
    const daemon = new FakeKernel(SESSIONS, {
      'session/refresh': ({ id }) => session(id, ALIVE, { lastAttempt: attempt(id, { startedAt: NOW }) }),
    });
    const { out } = await keepalive(['refresh', 'claude'], { daemon, terminal: { columns: 80 } });
    const [progress, outcome] = out.split('\x1b[1A\r\x1b[J');
    expect(progress).toContain('refreshing, 0 s\n');
    expect(outcome).toContain('renewed (touch)');
    expect((await keepalive(['refresh', 'claude'], { daemon: new FakeKernel(SESSIONS) })).out).not.toContain(
      'refreshing',
    );
  });
});

test('set changes one member of the backoff, and unset resets members', async () => {
  const policy: Policy = { ...DEFAULT_POLICY, backoff: { initial: '1m', factor: 3, max: '1h' } };
  const daemon = new FakeKernel([session('codex', ALIVE, { policy })]);
  await keepalive(['set', 'codex', 'backoff.initial=5m', 'enabled=false'], { daemon });
  await keepalive(['unset', 'codex', 'schedule', 'backoff'], { daemon });
  expect(daemon.asked.filter(([method]) => method === 'session/configure').map(([, params]) => params)).toEqual([
    { id: 'codex', policy: { backoff: { initial: '5m', factor: 3, max: '1h' }, enabled: false } },
    { id: 'codex', policy: { schedule: null, backoff: null } },
  ]);
});

test('plan lists a repeated attempt once, and sessions without one', async () => {
  const every30m = Array.from({ length: 4 }, (_, at) => ({
    id: 'claude',
    at: NOW + at * 30 * MINUTE,
    why: 'every 30m',
  }));
  const planned = [...every30m, { id: 'claude', at: NOW + DAY, why: 'before expiry' }];
  const daemon = new FakeKernel(SESSIONS.slice(0, 2), { 'session/plan': () => planned });
  const { out } = await keepalive(['plan', '--for', '2d'], { daemon });
  expect(daemon.asked).toContainEqual(['session/plan', { until: NOW + 2 * DAY }]);
  expect(out.split('\n')).toEqual([
    'Planned for the next 2 days:',
    'WHEN                       ID      WHY            REPEATS',
    '12:00             now      claude  every 30m      3 more until 13:30',
    'Wed 11 Mar 12:00  in 24 h  claude  before expiry',
    'Nothing is planned for codex: ✗ login required.',
    '',
  ]);
});

test('plan says when a session that is alive is next due', async () => {
  const daemon = new FakeKernel([session('token', ALIVE, { nextAttemptAt: NOW + 3 * DAY })], {
    'session/plan': () => [],
  });
  expect((await keepalive(['plan'], { daemon })).out.split('\n')).toEqual([
    'Nothing is planned for the next 24 hours.',
    'Nothing is due for token before Fri 13 Mar 12:00: ● alive.',
    '',
  ]);
});

test.each([
  [[], 'none is kept alive yet. `keepalive add` lists what can be.'],
  [[session('codex', PAUSED)], 'codex is paused. To keep it alive again, run `keepalive resume codex`.'],
  [
    [session('codex', { name: 'halted', why: 'paused', hint: '', failures: 0, disabled: true })],
    'codex is paused. It is switched off by its policy. To keep it alive, run `keepalive set codex enabled=true`.',
  ],
  [
    [session('codex', PAUSED), session('claude', PAUSED)],
    'every session is paused. To keep one alive again, run `keepalive resume ID`.',
  ],
])('refresh without a session to refresh says why: %#', async (sessions, why) => {
  const { out, exitCode } = await keepalive(['refresh'], { daemon: new FakeKernel(sessions) });
  expect({ out: out.replaceAll(/\s+/g, ' '), exitCode }).toEqual({
    out: `No session to refresh: ${why} `,
    exitCode: 0,
  });
});

test('plan folds attempts that alternate, and says where a very long list ends', async () => {
  const planned = Array.from({ length: 200 }, (_, at) => ({
    id: 'claude',
    at: NOW + at * MINUTE,
    why: at % 3 ? 'every minute' : 'before expiry',
  }));
  const daemon = new FakeKernel(SESSIONS.slice(0, 1), { 'session/plan': () => planned });
  const { out } = await keepalive(['plan'], { daemon });
  expect(out.split('\n').slice(2)).toEqual([
    '12:00  now       claude  before expiry  66 more until 15:18',
    '12:01  in 1 min  claude  every minute   132 more until 15:19',
    'Of claude, only the next 200 attempts are listed, until 15:19. Later ones are not.',
    '',
  ]);
});

test('plan says once that later attempts of many sessions are not listed', async () => {
  const sessions = Array.from({ length: 1_000 }, (_, index) => session(`session-${index}`, ALIVE));
  const planned = sessions.flatMap(({ id }) =>
    Array.from({ length: 10 }, (_, at) => ({ id, at: NOW + at * MINUTE, why: 'every minute' })),
  );
  const daemon = new FakeKernel(sessions, { 'session/plan': () => planned });
  const { out } = await keepalive(['plan'], { daemon });
  expect(out.trimEnd().split('\n').at(-1)).toBe(
    'Of 1000 sessions, only the next 10 attempts are listed. Later ones are not.',
  );
});

test('plan without a session says why nothing is planned', async () => {
  expect((await keepalive(['plan'], { daemon: new FakeKernel([], { 'session/plan': () => [] }) })).out).toBe(
    'Nothing is planned: no session is kept alive yet. `keepalive doctor` says what is missing.\n',
  );
});

test('plan says how far ahead it looks, and its help the default', async () => {
  const daemon = new FakeKernel(SESSIONS.slice(0, 1), { 'session/plan': () => [] });
  expect((await keepalive(['plan', '--for', '1m'], { daemon })).out).toMatch(
    /^Nothing is planned for the next minute\./,
  );
  expect((await keepalive(['plan'], { daemon })).out).toMatch(/^Nothing is planned for the next 24 hours\./);
  expect(daemon.asked).toContainEqual(['session/plan', { until: NOW + DAY }]);
  expect((await keepalive(['plan', '--help'])).out).toContain('how far ahead (default: 24h)');
});

test('history is a table, newest first', async () => {
  const failed = attempt('codex', {
    outcome: 'failed',
    message: 'exit 1',
    startedAt: NOW - DAY,
    endedAt: NOW - DAY + 900,
  });
  const attempts = [attempt('claude'), failed];
  const daemon = new FakeKernel([], { 'session/history': () => attempts });
  const { out } = await keepalive(['history', 'claude', '-n', '2'], { daemon });
  expect(daemon.asked).toEqual([['session/history', { id: 'claude', limit: 2 }]]);
  expect(out.split('\n')).toEqual([
    'WHEN             ID      RESULT     REASON     METHOD  TOOK    MESSAGE',
    '11:57            claude  ✓ renewed  scheduled  touch   1.5 s',
    'Mon 9 Mar 12:00  codex   ▲ failed   scheduled  touch   900 ms  exit 1',
    '',
    'These are the last 2. `--limit 10` shows more.',
    '',
  ]);
});

test('doctor exits with 1 if there is a problem to fix, and suggests a fix', async () => {
  const daemon = new FakeKernel([], {
    'doctor/run': () => [
      { level: 'ok', subject: 'node', message: 'Node 20' },
      { level: 'error', subject: 'codex', message: 'Not readable.', action: 'chmod 600 it' },
    ],
  });
  expect(await keepalive(['doctor'], { daemon })).toEqual({
    exitCode: 1,
    out: '○ No session is kept alive yet\n\n✗ codex  Not readable.\n         → chmod 600 it\n✓ node   Node 20.\n',
    err: '\n1 problem to fix.\n',
  });
});

test('config show lists where each value comes from', async () => {
  const daemon = new FakeKernel([], {
    'config/show': () => ({
      file: '/c.ts',
      plugins: ['codex'],
      values: [
        { session: 'codex', key: 'schedule', value: { mode: 'interval', every: '30m' }, origin: 'settings' },
        { session: 'codex', key: 'retries', value: 3, origin: 'default' },
      ],
    }),
  });
  expect((await keepalive(['config', 'show'], { daemon })).out.split('\n')).toEqual([
    'Configuration: /c.ts',
    'Plugins: codex',
    '',
    'SESSION  KEY       VALUE                     FROM',
    'codex    schedule  mode interval, every 30m  saved setting',
    '         retries   3                         default',
    '',
  ]);
  expect((await keepalive(['config', 'path'], { daemon })).out).toBe('/c.ts\n');
  const refused = new FakeKernel([], {
    'config/show': () => ({ file: '/c.ts', plugins: [], values: [] }),
    'kernel/info': () => ({ ...INFO, configProblem: 'x: no' }),
  });
  const reason = 'The changed configuration is not in force: x: no.';
  expect((await keepalive(['config', 'show'], { daemon: refused })).out.split('\n').slice(0, 2)).toEqual([
    'Configuration: /c.ts',
    `▲ ${reason} What follows is from before.`,
  ]);
  expect(await keepalive(['config', 'path'], { daemon: refused })).toMatchObject({
    out: '/c.ts\n',
    err: `${reason}\n`,
  });
});

test('params that the daemon rejects are a usage error with every problem', async () => {
  const daemon = new FakeKernel([session('codex', ALIVE)], {
    'session/configure': () => {
      const problems = [{ path: 'policy.schedule.pattern', message: 'not a cron pattern' }];
      throw Object.assign(new Error('Invalid params'), { code: -32_602, data: { problems } });
    },
  });
  const { exitCode, err } = await keepalive(['set', 'codex', 'schedule=cron:x x x x x'], { daemon });
  expect({ exitCode, err }).toEqual({
    exitCode: 2,
    err: 'The daemon does not accept this: policy.schedule.pattern: not a cron pattern.\n',
  });
});
