import { describe, expect, test } from 'vitest';
import { KeepaliveError, type ErrorCode } from '../../../sdk/contract/errors.ts';
import { ALIVE, FAILING, FakeKernel, LOGIN, NOW, session } from './fake-kernel.ts';
import { keepalive } from './run-cli.ts';

const rejected = Object.assign(new Error('Invalid params'), {
  code: -32_602,
  data: { problems: [{ path: 'policy.schedule.pattern', message: 'expected a cron pattern' }] },
});
const kernel = (error: unknown) =>
  new FakeKernel([session('codex', ALIVE)], {
    'session/get': () => {
      throw error;
    },
  });

async function documentOf(line: string, error?: unknown) {
  const daemon = error === undefined ? undefined : kernel(error);
  const { exitCode, out, err } = await keepalive([...line.split(' '), '--json'], { daemon });
  expect(err).toBe('');
  return { exitCode, document: JSON.parse(out) as unknown };
}

describe('with --json, stdout has one document and stderr is empty if', () => {
  test.each<[string, unknown, number, object]>([
    [
      'there is no such session',
      new KeepaliveError('KA_SESSION_NOT_FOUND', { id: 'codxe', known: ['codex', 'claude'] }),
      1,
      {
        code: 'KA_SESSION_NOT_FOUND',
        message: 'There is no session "codxe". Did you mean "codex"? The sessions are codex and claude.',
        details: { id: 'codxe', known: ['codex', 'claude'] },
      },
    ],
    [
      'there is no session at all',
      new KeepaliveError('KA_SESSION_NOT_FOUND', { id: 'practice', known: [] }),
      1,
      {
        code: 'KA_SESSION_NOT_FOUND',
        message:
          'There is no session "practice". No session is kept alive yet: `keepalive add` lists what can be. ' +
          '`keepalive restart --demo` adds the practice session.',
        details: { id: 'practice', known: [] },
      },
    ],
    [
      'something unexpected happens',
      new Error('odd'),
      1,
      {
        code: 'KA_RPC_FAILED',
        message: 'The daemon could not do it: odd. Its log says why.',
        details: { method: 'session/get', reason: 'odd' },
      },
    ],
    [
      'the daemon does not accept the input',
      rejected,
      2,
      {
        code: 'usage',
        message: 'The daemon does not accept this: policy.schedule.pattern: expected a cron pattern.',
        details: { problems: rejected.data.problems },
      },
    ],
  ])('%s', async (_title, error, exitCode, expected) => {
    expect(await documentOf('status codxe', error)).toEqual({ exitCode, document: { error: expected } });
  });

  test.each<[string, string, number, string]>([
    ['no daemon answers', 'status', 4, 'KA_RPC_NO_DAEMON'],
    ['there is no such command', 'no-such-command', 2, 'usage'],
    ['there is no such option', 'status --no-such-option', 2, 'usage'],
    ['an argument is missing', 'pause', 2, 'usage'],
    ['a value is not valid', 'set codex schedule=soon', 2, 'usage'],
    ['an option is not valid', 'plan --for ever', 2, 'usage'],
    ['no daemon can be watched', 'status --watch', 4, 'KA_RPC_NO_DAEMON'],
    ['no session is refreshed', 'refresh', 4, 'KA_RPC_NO_DAEMON'],
  ])('%s', async (_title, line, exitCode, code) => {
    expect(await documentOf(line)).toEqual({
      exitCode,
      document: { error: { code, message: expect.stringMatching(/\S/), details: expect.any(Object) } },
    });
  });

  test.each<[ErrorCode, number]>([
    ['KA_KERNEL_RUNNING', 3],
    ['KA_CONFIG_INVALID', 7],
    ['KA_HOME_NEWER', 7],
    ['KA_HOME_UNUSABLE', 1],
  ])('the daemon does not start, with %s', async (code, exitCode) => {
    const runDaemon = () => Promise.reject(new KeepaliveError(code));
    const { out, err, ...result } = await keepalive(['run', '--json'], { system: { runDaemon } });
    expect([result.exitCode, err, JSON.parse(out)]).toMatchObject([exitCode, '', { error: { code } }]);
  });
});

test.each([
  [5, LOGIN],
  [6, FAILING],
])('a command that answers keeps its document, whatever its exit code: %i', async (exitCode, state) => {
  const daemon = new FakeKernel([session('codex', state)]);
  const result = await keepalive(['status', '--json'], { daemon });
  expect([result.exitCode, JSON.parse(result.out)]).toMatchObject([exitCode, [{ id: 'codex' }]]);
});

test('refresh of one session that is refused is an error, and of several has a line for each', async () => {
  const daemon = new FakeKernel([session('codex', ALIVE)], {
    'session/refresh': ({ id }) => {
      if (id === 'early') throw new KeepaliveError('KA_RATE_LIMITED', { id, retryAt: NOW + 10_000 });
      return session(id, ALIVE);
    },
  });
  const one = await keepalive(['refresh', 'early', '--json'], { daemon });
  expect([one.exitCode, one.err, JSON.parse(one.out)]).toMatchObject([
    1,
    '',
    { error: { code: 'KA_RATE_LIMITED', details: { retryAt: NOW + 10_000 } } },
  ]);
  const both = await keepalive(['refresh', 'early', 'codex', '--json'], { daemon });
  expect([both.exitCode, JSON.parse(both.out)]).toMatchObject([1, [{ id: 'codex' }]]);
  expect(both.err).toBe(
    'early: It is too early for another attempt. The next is possible in 10 s (12:00). (KA_RATE_LIMITED)\n',
  );
});

test.each(['--version --json', '--json -V'])('%s is a document', async line => {
  const { exitCode, out, err } = await keepalive(line.split(' '));
  expect([exitCode, err, JSON.parse(out)]).toEqual([0, '', { version: expect.stringMatching(/^\d+\.\d+\.\d+/) }]);
});

test('an argument after -- is no option', async () => {
  const { out, err } = await keepalive(['status', '--', '--json']);
  expect([out, err]).toEqual(['', expect.stringContaining('No daemon answers')]);
});
