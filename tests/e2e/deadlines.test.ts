import { expect, test } from 'vitest';
import { KEEPALIVE, run, temporaryHome } from '../support/daemon/daemon.ts';

const DAY = 86_400_000;
const isoIn = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

const config = (...plugins: readonly unknown[]) => ({ 'keepalive.config.json': JSON.stringify({ plugins }) });

test('deadlines works without a daemon, and lists what the stores show', async () => {
  const expiresAt = Date.now() + 300 * DAY;
  const home = temporaryHome({
    ...config(
      ['claude', { home: './claude' }],
      ['deadline', { id: 'npm', expiresAt: isoIn(20), renew: 'npm login', warn: ['30d'] }],
    ),
    'claude/.credentials.json': JSON.stringify({ claudeAiOauth: { accessToken: 'CANARY-oat', expiresAt } }),
  });
  const { code, stdout } = await run(KEEPALIVE, ['deadlines', '--json'], home);
  expect(JSON.parse(stdout)).toEqual([
    expect.objectContaining({ id: 'npm', kind: 'login', warn: ['30d'], renew: expect.stringContaining('npm login') }),
    {
      id: 'claude',
      displayName: 'Claude Code',
      kind: 'login',
      at: expiresAt,
      renew: 'Run `keepalive login claude` before then.',
      warn: ['7d', '3d', '1d'],
    },
  ]);
  expect(code).toBe(0);
});

test('a calendar leaves the program as it is, with the line ends of the standard', async () => {
  const home = temporaryHome(config(['deadline', { id: 'npm', expiresAt: isoIn(20) }]));
  const { stdout } = await run(KEEPALIVE, ['deadlines', '--ics'], home);
  expect(stdout).toMatch(/^BEGIN:VCALENDAR\r\n.*UID:npm-login-.*\r\nEND:VCALENDAR\r\n$/s);
});

test('a deadline in YAML may have a date without quotes, and a mistake in one is a mistake in the file', async () => {
  const entry = (end: string) => ({
    'keepalive.config.yaml': `plugins: [[deadline, { id: npm, expiresAt: ${end} }]]\n`,
  });
  const year = new Date().getFullYear() + 1;
  const { stdout } = await run(KEEPALIVE, ['deadlines', '--json'], temporaryHome(entry(`${year}-03-01`)));
  expect(JSON.parse(stdout)).toMatchObject([{ at: new Date(year, 2, 1).getTime() }]);
  const { code, stderr } = await run(KEEPALIVE, ['deadlines'], temporaryHome(entry('soon')));
  expect([code, stderr]).toEqual([7, expect.stringContaining('expected a date such as 2027-03-01')]);
});

test('the commands in the hint of a deadline that was added give it its new end', async () => {
  const home = temporaryHome();
  const [first, later] = [20, 400].map(days => isoIn(days).slice(0, 10));
  const added = ['add', 'deadline', '--id', 'npm', `expiresAt=${first}`, 'renew=npm login', 'warn=30d'];
  expect(await run(KEEPALIVE, added, home)).toMatchObject({ code: 0 });
  const listed = async () => JSON.parse((await run(KEEPALIVE, ['deadlines', '--json'], home)).stdout);
  const [{ renew, at }] = await listed();
  const commands = [...String(renew).matchAll(/`keepalive ([^`]*)`/g)].map(([, command = '']) =>
    [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", '').replace('DATE', `${later}`)),
  );
  expect(commands.map(([name]) => name)).toEqual(['remove', 'add']);
  for (const command of commands) expect(await run(KEEPALIVE, command, home)).toMatchObject({ code: 0, stderr: '' });
  const [moved, ...others] = await listed();
  expect(others).toEqual([]);
  expect(moved).toMatchObject({ id: 'npm', renew, warn: ['30d'] });
  expect(moved.at - at).toBeGreaterThan(300 * DAY);
});
