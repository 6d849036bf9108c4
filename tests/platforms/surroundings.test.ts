import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KEEPALIVE, KEEPALIVED, temporaryHome, type Finished } from '../support/daemon/daemon.ts';

const USER_ID = 43_210;
const namespaces = spawnSync('unshare', ['-mpf', '--mount-proc', 'true']);
const isRoot = process.platform === 'linux' && process.getuid?.() === 0 && namespaces.status === 0;
const why = isRoot ? '' : ' (skipped: needs root and namespaces)';

/** A home with one session, which is renewed by its method every time. */
const homeOf = (plugins: readonly unknown[] = ['practice']): string =>
  temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins }) });

/** Runs a script of sh, in which `k` is our command line. */
async function sh(script: string, home: string, within: readonly string[] = []): Promise<Finished> {
  const [program = '', ...args] = [
    ...within,
    'sh',
    '-c',
    `k() { '${process.execPath}' '${KEEPALIVE}' "$@"; }\n${script}`,
  ];
  const child = spawn(program, args, {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, KEEPALIVE_HOME: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', chunk => void (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', chunk => void (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A whole life: every command succeeds, and the session is kept. */
const LIFE = 'set -e; k start >/dev/null; k status --json; k doctor >&2; k stop >&2';
const KEPT = { code: 0, stdout: expect.stringContaining('"id": "practice"') };

describe.skipIf(!isRoot)(`a daemon lives${why}`, () => {
  test.each<[string, string, readonly string[]]>([
    ['without /proc', `mount -t tmpfs none /proc; ${LIFE}`, ['unshare', '-m']],
    ['in an empty pid namespace', LIFE, ['unshare', '-mpf', '--mount-proc']],
    ['with 64 open files', `ulimit -n 64; ${LIFE}`, []],
    ['with 64 MB of JavaScript objects', `export NODE_OPTIONS=--max-old-space-size=64; ${LIFE}`, []],
  ])('%s', async (_title, script, within) => {
    expect(await sh(script, homeOf(), within)).toMatchObject(KEPT);
  });

  test('with hidepid, as a user that the system does not know', async () => {
    const home = homeOf();
    chownSync(home, USER_ID, USER_ID);
    chownSync(join(home, 'keepalive.config.json'), USER_ID, USER_ID);
    const user = ['--reuid', String(USER_ID), '--regid', String(USER_ID), '--clear-groups'];
    const within = ['unshare', '-mpf', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc; exec setpriv "$@"', 'sh'];
    expect(await sh(LIFE, home, [...within, ...user])).toMatchObject(KEPT);
  });

  test('on a read-only root, with a home in memory', async () => {
    const home = homeOf();
    const memory = `mount --make-rprivate /; mount -t tmpfs none '${home}'`;
    const mounts = `${memory}; mount --bind / /; mount -o remount,bind,ro /`;
    const config = `echo '{"plugins":["practice"]}' >keepalive.config.json`;
    const script = `${mounts}; cd '${home}'; ! touch /etc/x 2>/dev/null; ${config}; ${LIFE}`;
    expect(await sh(script, home, ['unshare', '-m'])).toMatchObject(KEPT);
  });
});

test.skipIf(!isRoot)(`as PID 1 it ends on TERM and leaves no orphan as a zombie${why}`, async () => {
  const orphan = ['command', { id: 'o', run: ['sh', '-c', '(sleep 0.1; echo >"$HOME/orphan") & true'] }];
  const home = homeOf([orphan]);
  const child = spawn('unshare', ['-pf', '--mount-proc', '--kill-child', process.execPath, KEEPALIVED], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, KEEPALIVE_HOME: home },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await expect.poll(() => existsSync(join(home, 'orphan')), { timeout: 60_000 }).toBe(true);
  const inside = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const children = () =>
    readFileSync(`/proc/${inside}/task/${inside}/children`, 'utf8').trim().split(' ').filter(Boolean);
  await expect.poll(children, { timeout: 60_000 }).toEqual([]);
  process.kill(Number(inside), 'SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(existsSync(join(home, 'endpoint.json'))).toBe(false);
});

test('with 24 open files it says what to do', async () => {
  const { code, stderr } = await sh('ulimit -n 24; k status', homeOf());
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^Too many files are open \(EMFILE\)\. .*ulimit -n/)]);
});

test.each(['instances', 'watches'])('without inotify %s, doctor says so, and a change is noticed later', async kind => {
  const home = homeOf();
  const script = `echo 0 >/proc/sys/user/max_inotify_${kind}; k start >/dev/null; k doctor; k stop >&2`;
  const { stdout } = await sh(script, home, ['unshare', '-Ur']);
  expect(stdout).toMatch(/No file can be watched \((ENOSPC|EMFILE)\)/);
  expect(stdout).toContain('sudo sysctl fs.inotify.max_user_');
});

test('a relative HOME or XDG folder is no home', async () => {
  const home = homeOf();
  const folder = join(home, 'cwd');
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  const script = `cd cwd; unset KEEPALIVE_HOME; XDG_DATA_HOME=data XDG_CONFIG_HOME=config k doctor >/dev/null; ls`;
  expect(await sh(script, home)).toMatchObject({ stdout: '' });
});
