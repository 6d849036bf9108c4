import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { FakeKernel, INFO } from '../fake-kernel.ts';
import { keepalive, temporaryFolder } from '../run-cli.ts';

type Manager = {
  readonly platform: NodeJS.Platform;
  readonly program: string;
  readonly starts: string;
  readonly knows: string;
  readonly ends: string;
  /** Starts an installed service again. */
  readonly restarts: string;
  readonly query: string;
};

/** The arguments by which a manager starts, registers, removes and looks up the daemon. */
const SYSTEMD: Manager = {
  platform: 'linux',
  program: 'systemctl',
  starts: 'restart',
  restarts: '--user start',
  knows: 'enable',
  ends: 'disable',
  query: 'is-enabled',
};
const MANAGERS: readonly Manager[] = [
  SYSTEMD,
  {
    platform: 'darwin',
    program: 'launchctl',
    starts: 'bootstrap',
    restarts: 'kickstart',
    knows: 'bootstrap',
    ends: 'bootout',
    query: 'print gui/[0-9]*/',
  },
  {
    platform: 'win32',
    program: 'schtasks',
    starts: '/Run',
    restarts: '/Run',
    knows: '/Create',
    ends: '/Delete',
    query: '/Query',
  },
];

/** A machine with a manager that records its arguments. */
function machine(
  { platform, program, starts, restarts, knows, ends, query }: Manager,
  { absent = false, byService = true, refusal }: { absent?: boolean; byService?: boolean; refusal?: Error } = {},
) {
  const root = temporaryFolder();
  const [bin, user, marks] = [join(root, 'bin'), join(root, 'user'), join(root, 'marks')];
  [bin, user, marks].forEach(folder => mkdirSync(folder));
  const mark = (name: string) => join(marks, name);
  writeFileSync(
    join(bin, program),
    `#!/bin/sh
PATH=/usr/bin:/bin
echo "$@" >> '${mark('calls')}'
case " $* " in
  *' '${query.replaceAll(' ', "' '")}*) test -e '${mark('known')}'; exit ;;
esac
case " $* " in *' ${knows} '*) touch '${mark('known')}' ;; esac
case " $* " in *' ${starts} '*) test ! -e '${mark('broken')}' || exit 1 ;; esac
case " $* " in *' ${starts} '* | *' ${restarts} '*) touch '${mark('running')}' ;; esac
case " $* " in *' ${ends} '*) rm '${mark('known')}' || exit 3 ;; esac
exit 0
`,
  );
  chmodSync(join(bin, program), 0o755);
  const daemon = new FakeKernel([], {
    'kernel/info': () => ({ ...INFO, byService }),
    'kernel/stop': () => (rmSync(mark('running')), null),
  });
  const checker = new FakeKernel();
  const spawn = async ({ mode }: { readonly mode: string }) => {
    if (refusal) throw refusal;
    if (mode !== 'daemon') return { pid: 1, channel: checker.channel(), release: () => undefined };
    writeFileSync(mark('running'), '');
    return { pid: 4242, channel: daemon.channel(), release: () => undefined };
  };
  const connect = async () => {
    if (!existsSync(mark('running'))) throw new KeepaliveError('KA_RPC_NO_DAEMON');
    return daemon.client();
  };
  const env = { PATH: absent ? user : bin, HOME: user, USERNAME: 'me', KEEPALIVE_HOME: join(user, 'home') };
  const top = (...argv: string[]) =>
    keepalive(argv, {
      env: { ...env },
      platform,
      system: {
        connect,
        isRunning: () => existsSync(mark('running')),
        spawn,
      },
    });
  return {
    user,
    run: (...argv: string[]) => top('service', ...argv),
    top,
    startByHand: () => writeFileSync(mark('running'), ''),
    breakStart: () => writeFileSync(mark('broken'), ''),
    crash: () => rmSync(mark('running')),
    calls: () => (existsSync(mark('calls')) ? readFileSync(mark('calls'), 'utf8').trim().split('\n') : []),
    clearCalls: () => rmSync(mark('calls')),
    left: () =>
      readdirSync(user, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(({ name }) => name),
  };
}

describe.each(MANAGERS)('$program', manager => {
  const { starts, ends, query } = manager;
  const asked = (line: string) =>
    line.includes(query.split('[')[0] ?? '') || line === '/?' || line.includes('--property=Version');
  const changes = (lines: readonly string[]) => lines.filter(line => !asked(line));

  test('install, status, install again, uninstall, uninstall again', async () => {
    const { run, calls, clearCalls, left } = machine(manager);
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ installed: false, running: false });

    const installed = await run('install');
    expect(installed).toMatchObject({ exitCode: 0, err: '' });
    expect(installed.out).toMatch(/process 4242/);
    expect(calls().filter(line => line.includes(starts))).toHaveLength(1);
    expect(left()).toHaveLength(1);
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({
      installed: true,
      current: true,
      running: true,
      pid: INFO.pid,
    });

    clearCalls();
    expect((await run('install')).out).toContain('already installed');
    expect(changes(calls())).toEqual([]);

    const removed = await run('uninstall');
    expect(removed).toMatchObject({ exitCode: 0, err: '' });
    expect(calls().filter(line => line.includes(ends))).toHaveLength(1);
    expect(left()).toEqual([]);
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ installed: false, running: false });

    clearCalls();
    expect(await run('uninstall')).toMatchObject({
      exitCode: 0,
      err: '',
      out: expect.stringContaining('nothing to remove'),
    });
    expect(changes(calls())).toEqual([]);
  });

  test('--print shows the file and the commands, and does nothing', async () => {
    const { run, calls, left } = machine(manager);
    const { exitCode, out } = await run('install', '--print', '--config', '/my/config.ts');
    expect(exitCode).toBe(0);
    for (const text of [process.execPath, join('kernel', 'main.js'), '--home', '/my/config.ts', starts])
      expect(out).toContain(text);
    expect((await run('uninstall', '--print')).out).toContain(ends);
    await run('status', '--print');
    expect([calls(), left()]).toEqual([[], []]);
    expect(JSON.parse((await run('install', '--print', '--json')).out)).toMatchObject({
      commands: expect.arrayContaining([expect.arrayContaining([starts])]),
    });
  });

  test('an installed service is started by its manager, if it is the same daemon', async () => {
    const { run, top, crash, calls, clearCalls } = machine(manager);
    await run('install');
    crash();
    clearCalls();
    expect(await top('start')).toMatchObject({ exitCode: 0, err: '' });
    expect(changes(calls())).toEqual([expect.stringContaining(manager.restarts)]);
    crash();
    clearCalls();
    await top('start', '--config', '/other.ts');
    expect(changes(calls())).toEqual([]);
  });

  test('a daemon that was started by hand is stopped first', async () => {
    const { run, startByHand, calls } = machine(manager);
    startByHand();
    expect(await run('install')).toMatchObject({ exitCode: 0, err: '' });
    expect(calls().some(line => line.includes(starts))).toBe(true);
  });

  test('with other options, status reports an outdated definition, and install updates it', async () => {
    const { run } = machine(manager);
    await run('install');
    expect((await run('status', '--config', '/other.ts')).out).toContain('up to date');
    expect(JSON.parse((await run('install', '--config', '/other.ts', '--json')).out)).toMatchObject({ changed: true });
    expect(JSON.parse((await run('status', '--config', '/other.ts', '--json')).out)).toMatchObject({ current: true });
  });

  test('a missing manager is reported with an alternative, and nothing is written', async () => {
    const { run, left } = machine(manager, { absent: true });
    const { exitCode, err } = await run('install');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/is not installed\), so nothing was installed\. \w+/);
    expect(left()).toEqual([]);
    expect(await run('status')).toMatchObject({ exitCode: 0, out: expect.stringContaining('Not installed') });
  });
});

test('installed, but without a daemon, is exit code 4', async () => {
  const { run, crash } = machine(SYSTEMD);
  await run('install');
  expect((await run('status')).exitCode).toBe(0);
  crash();
  expect(await run('status')).toMatchObject({ exitCode: 4, out: expect.stringContaining('no daemon answers') });
});

test('a refused configuration is reported, and nothing is installed or stopped', async () => {
  const problems = [{ path: 'plugins', message: 'expected a list' }];
  const { run, startByHand, calls, left } = machine(SYSTEMD, {
    refusal: new KeepaliveError('KA_CONFIG_INVALID', { problems }),
  });
  startByHand();
  expect(await run('install')).toMatchObject({ exitCode: 7, err: expect.stringContaining('plugins: expected a list') });
  expect(calls().filter(line => /enable$|restart/.test(line))).toEqual([]);
  expect(left()).toEqual([]);
  expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ running: true });
});

test('if the manager fails, the daemon that ran before runs again', async () => {
  const { run, startByHand, breakStart } = machine(SYSTEMD, { byService: false });
  startByHand();
  breakStart();
  const { exitCode, err } = await run('install');
  expect(exitCode).toBe(1);
  expect(err).toMatch(/restart .* failed.*/);
  expect(err).toContain('runs again as before (process 4242)');
  expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ running: true });
});

test('status says that the running daemon is not that of the service, and another install hands it over', async () => {
  const { run, calls, clearCalls } = machine(SYSTEMD, { byService: false });
  await run('install');
  expect((await run('status')).out).toMatch(/process 4242 was started by hand/);
  clearCalls();
  expect((await run('install')).out).toContain('keeps it running from now on');
  expect(calls().some(line => line.includes('restart'))).toBe(true);
});

test('status says why the last start was refused, until one succeeds', async () => {
  const { run, crash, user } = machine(SYSTEMD);
  await run('install');
  crash();
  const entry = (msg: string, reason?: string) => JSON.stringify({ time: '2026-03-10T10:00:00Z', msg, reason });
  mkdirSync(join(user, 'home'), { recursive: true });
  const log = join(user, 'home/keepalived.log');
  writeFileSync(log, `${entry('the daemon did not start', 'plugins: expected a list')}\n`);
  const { out } = await run('status');
  expect(out).toMatch(/last start was refused, .*: plugins: expected a list/);
  writeFileSync(log, `${entry('the daemon did not start', 'old')}\n${entry('started')}\n`);
  expect((await run('status')).out).not.toContain('refused');
});

test('the file and its folders are private', async () => {
  const { run, user } = machine(SYSTEMD);
  await run('install');
  const unit = join(user, '.config/systemd/user');
  expect(readdirSync(unit)).toEqual([expect.stringMatching(/^keepalive-[0-9a-f]{8}\.service$/)]);
  expect(readdirSync(unit).map(name => statSync(join(unit, name)).mode & 0o777)).toEqual([0o600]);
});

test('an unsupported system is reported', async () => {
  const { exitCode, err } = await keepalive(['service', 'install'], { platform: 'freebsd' });
  expect([exitCode, err]).toEqual([1, expect.stringContaining('keepalive run')]);
});
