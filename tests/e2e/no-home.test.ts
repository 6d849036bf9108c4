import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEEPALIVE, KEEPALIVED, temporaryHome, type Finished } from '../support/daemon/daemon.ts';

/** A user id without an entry in the user database, as in a container that was started with a number. */
const UNKNOWN_USER = 12_345;

type World = { readonly home?: string; readonly main?: string; readonly env?: NodeJS.ProcessEnv };

/** Runs one of our programs as a user that the system does not know, in a writable folder. */
async function asUnknownUser(
  args: readonly string[],
  { home = '', main = KEEPALIVE, env = {} }: World,
): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: home,
    uid: UNKNOWN_USER,
    gid: UNKNOWN_USER,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', chunk => void (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', chunk => void (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

function folder(): string {
  const home = temporaryHome({ 'keepalive.config.json': '{"plugins":[["command",{"id":"a","run":["true"]}]]}' });
  chmodSync(home, 0o700);
  for (const path of [home, join(home, 'keepalive.config.json')]) chownSync(path, UNKNOWN_USER, UNKNOWN_USER);
  return home;
}

// Only root can act as another user.
describe.skipIf(process.getuid?.() !== 0).each<[string, NodeJS.ProcessEnv]>([
  ['HOME is not set', {}],
  ['HOME is empty', { HOME: '' }],
])('if %s and the system does not know the user', { concurrent: true }, (_title, env) => {
  test.each([[['--version']], [['--help']], [['help', 'run']], [['completion', 'bash']]])(
    '`keepalive %s` works',
    async args => {
      expect(await asUnknownUser(args, { home: folder(), env })).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/./),
        stderr: '',
      });
    },
  );

  test.each([['status'], ['check'], ['prompt'], ['start'], ['run'], ['doctor'], ['logs'], ['config']])(
    '`keepalive %s` says what to do and writes nothing',
    async command => {
      const home = folder();
      const { code, stdout, stderr } = await asUnknownUser(command === 'config' ? ['config', 'path'] : [command], {
        home,
        env,
      });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^The home folder cannot be used: .*--home or KEEPALIVE_HOME/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(readdirSync(home)).toEqual(['keepalive.config.json']);
    },
  );

  test('the daemon says what to do and writes nothing', async () => {
    const { code, stderr } = await asUnknownUser([], { home: folder(), main: KEEPALIVED, env });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/--home or KEEPALIVE_HOME/)]);
  });

  test.each<[string, (home: string) => readonly string[], (home: string) => NodeJS.ProcessEnv]>([
    ['--home', home => ['check', '--refresh', '--home', home], () => ({})],
    ['KEEPALIVE_HOME', () => ['check', '--refresh'], home => ({ KEEPALIVE_HOME: home })],
  ])('%s is enough', async (_name, args, more) => {
    const home = folder();
    expect(await asUnknownUser(args(home), { home, env: { ...env, ...more(home) } })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('alive'),
    });
  });

  test('it is enough for every tool that is discovered here', async () => {
    const home = folder();
    rmSync(join(home, 'keepalive.config.json'));
    const empty = join(home, 'empty-home');
    mkdirSync(empty);
    chownSync(empty, UNKNOWN_USER, UNKNOWN_USER);
    expect(await asUnknownUser(['status', '--home', empty], { home, env })).toMatchObject({ code: 4 });
    const { code, stderr } = await asUnknownUser(['check', '--home', empty], { home, env });
    expect([code, stderr]).toEqual([0, '']);
  });
});
