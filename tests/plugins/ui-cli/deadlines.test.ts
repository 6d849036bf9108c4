import { describe, expect, test } from 'vitest';
import type { Session } from '../../../sdk/contract/session.ts';
import { ALIVE, DAY, FakeKernel, HOUR, LOGIN, NOW, session } from './fake-kernel.ts';
import { keepalive } from './run-cli.ts';

const renew = 'Renew it with `npm login`, then set `expiresAt` to its new end.';
const SESSIONS: readonly Session[] = [
  session('claude', ALIVE, { expiresAt: NOW + 5 * HOUR, loginExpiresAt: NOW + 20 * DAY }),
  session('codex', ALIVE, { expiresAt: NOW + 5 * HOUR }),
  session('npm', ALIVE, { method: 'observe', expiresAt: NOW + 3 * DAY, loginExpiresAt: NOW + 3 * DAY, renew }),
  session('auggie', LOGIN, { method: 'observe', expiresAt: NOW - DAY }),
];

const run = (args: readonly string[], sessions = SESSIONS) =>
  keepalive(['deadlines', ...args], { daemon: new FakeKernel(sessions) });

test('every end that no renewal moves is listed, soonest first, with what to do', async () => {
  const { out, exitCode } = await run([]);
  expect(out.trimEnd().split('\n')).toEqual([
    'ENDS                          ID      WHAT        WHAT TO DO',
    'Mon 9 Mar 12:00   24 h ago    auggie  credential  Sign in to A tool again before then.',
    `Fri 13 Mar 12:00  in 3 days   npm     login       ${renew}`,
    'Mon 30 Mar 12:00  in 20 days  claude  login       Sign in to A tool again before then.',
  ]);
  expect(exitCode).toBe(0);
});

test('with --json, each has its session, its time and its warnings', async () => {
  const { out } = await run(['--json']);
  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({ id: 'auggie', kind: 'credential', at: NOW - DAY }),
    {
      id: 'npm',
      displayName: 'A tool',
      kind: 'login',
      at: NOW + 3 * DAY,
      renew,
      warn: ['7d', '3d', '1d'],
    },
    expect.objectContaining({ id: 'claude', kind: 'login', at: NOW + 20 * DAY }),
  ]);
});

test('without a known end, the user reads how to add one', async () => {
  const { out } = await run([], [session('codex', ALIVE)]);
  expect(out).toContain('No end is known');
  expect(out).toContain('keepalive add deadline --id ID expiresAt=DATE');
  expect((await run(['--json'], [])).out).toBe('[]\n');
});

test('an older daemon sends no times of warnings', async () => {
  const { warn: _warn, ...policy } = session('old', ALIVE).policy;
  const old = { ...session('old', ALIVE, { loginExpiresAt: NOW + DAY }), policy } as unknown as Session;
  expect(JSON.parse((await run(['--json'], [old])).out)).toMatchObject([{ id: 'old', warn: [] }]);
});

describe('--ics', () => {
  test('prints a calendar and nothing else, with lines that end as the standard says', async () => {
    const { out, err, exitCode } = await run(['--ics']);
    expect([err, exitCode]).toEqual(['', 0]);
    expect(out).toMatch(/^BEGIN:VCALENDAR\r\n.*\r\nEND:VCALENDAR\r\n$/s);
    expect(out.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('names its events the same each time, and by no name of this machine', async () => {
    const uids = async () => [...(await run(['--ics'])).out.matchAll(/^UID:(.*)\r$/gm)].map(([, uid]) => uid);
    expect(await uids()).toEqual([
      expect.stringMatching(/^auggie-credential-[0-9a-f]{16}@session-keepalive$/),
      expect.stringMatching(/^npm-login-/),
      expect.stringMatching(/^claude-login-/),
    ]);
  });

  test('together with --json is refused', async () => {
    expect(await run(['--ics', '--json'])).toMatchObject({ exitCode: 2, out: expect.stringContaining('only one') });
  });
});
