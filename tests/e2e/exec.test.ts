import { spawn as openTerminal, type IPty } from '@lydell/node-pty';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { environment, KEEPALIVE, run, sharedDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { onTestFinished } from '../support/running-test.ts';
import { goodLogin } from '../support/vendors/good-login.ts';

// `exec` becomes the command. Everything that a user, a shell or a supervisor can see of it is the command's own.

const PATH = `${join(process.execPath, '..')}:/usr/bin:/bin`;
const MISSING = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(withoutKoffi())}` };

/** A module that makes koffi appear not to be installed. */
function withoutKoffi(): string {
  // Node 26 warns of hooks in another thread, and Node 20 has no others.
  return `import module from 'node:module';
    const resolve = (id, context, next) => {
      if (id === 'koffi' || id.includes('/koffi/')) throw new Error('not installed');
      return next(id, context);
    };
    if (module.registerHooks) module.registerHooks({ resolve });
    else module.register('data:text/javascript,' + encodeURIComponent('export const resolve = ' + resolve), 'file:///');`;
}

let shared: Awaited<ReturnType<typeof sharedDaemon>>;
let home = '';
beforeAll(async () => {
  shared = await sharedDaemon(goodLogin());
  home = (await shared.daemon.client.request('kernel/info')).home;
  await untilSession(shared.daemon, 'acme', ({ state }) => state.name === 'alive');
});
afterAll(() => shared.end());

/** A signal is handled between two sleeps. */
const FOREVER = 'while :; do sleep 0.05; done';

type Env = Readonly<Record<string, string>>;

function begin(script: string, env: Env = {}, args: readonly string[] = []) {
  const child = spawn(process.execPath, [KEEPALIVE, 'exec', ...args, '--', 'sh', '-c', script], {
    cwd: home,
    env: { ...environment(home), PATH, ...env },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const done = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }),
  );
  return { child, done };
}

/** With a replaced process; and with the command beside it, as on a system without koffi. */
const WAYS: readonly (readonly [string, Env])[] = [
  ['in place of this process', {}],
  ['beside this process', MISSING],
];

describe.skipIf(process.platform === 'win32').each(WAYS)('the command runs %s', (_, env) => {
  test('with its own exit code, output and errors', async () => {
    const { done } = begin('echo out; echo err >&2; exit 7', env);
    expect(await done).toEqual({ code: 7, signal: null, stdout: 'out\n', stderr: 'err\n' });
  });

  test('with our input, to its last byte', async () => {
    const { child, done } = begin('wc -c', env);
    child.stdin.end('x'.repeat(3_000_000));
    expect((await done).stdout.trim()).toBe('3000000');
  });

  test('with the open files that we were started with', () => {
    const script = `exec 3< <(echo piped) 5<"$2" 9>&1; "$0" "$1" exec -- sh -c 'cat <&3; cat <&5; echo nine >&9'`;
    const { stdout } = spawnSync('bash', ['-c', script, process.execPath, KEEPALIVE, join(home, 'token.json')], {
      cwd: home,
      encoding: 'utf8',
      env: { ...environment(home), PATH, ...env },
    });
    expect(stdout).toBe(`piped\n${readFileSync(join(home, 'token.json'), 'utf8')}nine\n`);
  });

  test('and ends by the signal with which it ends itself', async () => {
    expect(await begin('kill -TERM $$', env).done).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(await begin('kill -KILL $$', env).done).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('and gets a signal that is sent to us', async () => {
    const { child, done } = begin(`trap "echo got it; exit 3" TERM; echo ready; ${FOREVER}`, env);
    await once(child.stdout, 'readable');
    child.kill('SIGTERM');
    expect(await done).toMatchObject({ code: 3, stdout: 'ready\ngot it\n' });
  });

  test('and ends by a signal that it does not catch', async () => {
    const { child, done } = begin('echo ready; exec sleep 60', env);
    await once(child.stdout, 'readable');
    child.kill('SIGTERM');
    expect(await done).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test('and ends by SIGPIPE when the reader of its output does', () => {
    const script = '"$0" "$1" exec -- yes | head -1; echo "${PIPESTATUS[0]}"';
    const { stdout } = spawnSync('bash', ['-c', script, process.execPath, KEEPALIVE], {
      cwd: home,
      encoding: 'utf8',
      env: { ...environment(home), PATH, ...env },
    });
    expect(stdout).toBe('y\n141\n');
  });

  test('with the environment that we were started with', async () => {
    const shown = begin('env', { ...env, GIVEN: 'a b', PATH: `relative:${PATH}` }, ['--home', home]);
    const lines = (await shown.done).stdout.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['GIVEN=a b', `PATH=relative:${PATH}`, `KEEPALIVE_HOME=${home}`]));
  });

  test('in the same terminal, of the same size, which it can resize, read and set', async () => {
    const terminal = open(
      `stty size; read line; echo "got $line"; trap "stty size; exit 4" WINCH; echo ready; ${FOREVER}`,
      env,
    );
    await terminal.shows('30 100');
    terminal.pty.write('hello\r');
    await terminal.shows('ready');
    terminal.pty.resize(120, 40);
    await terminal.shows('40 120');
    expect(await terminal.exit).toEqual({ exitCode: 4, signal: 0 });
    expect(terminal.output()).toContain('got hello');
  });

  test('and gets one Ctrl-C', async () => {
    const terminal = open(
      `n=0; trap 'n=$((n+1)); echo int' INT; trap 'echo count $n; exit' TERM; echo ready; ${FOREVER}`,
      env,
    );
    await terminal.shows('ready');
    terminal.pty.write('\x03');
    await terminal.shows('int');
    process.kill(terminal.pty.pid, 'SIGTERM');
    await terminal.exit;
    expect(terminal.output()).toContain('count 1');
  });

  test('and ends by Ctrl-C if it does not catch that', async () => {
    const terminal = open('echo ready; exec sleep 60', env);
    await terminal.shows('ready');
    terminal.pty.write('\x03');
    expect((await terminal.exit).signal).toBe(2);
  });
});

test.skipIf(process.platform !== 'linux')('the command has our process, and no process of ours is left', async () => {
  const { child, done } = begin('echo $$; readlink /proc/self/fd/0 >&2; grep -E "^Sig(Ign|Blk)" /proc/self/status');
  const { stdout } = await done;
  const [pid, ...signals] = stdout.trim().split('\n');
  expect(pid).toBe(String(child.pid));
  for (const line of signals) expect(line).toMatch(/0{16}$/);
});

test.skipIf(process.platform !== 'linux')(
  'the command has the descriptors that it has without us, and no other',
  () => {
    // As make starts a job, with both ends of a pipe.
    const script = `exec 3< <(:) 4>/proc/self/fd/3 7</dev/null; "$@" ls /proc/self/fd`;
    const seen = (...args: string[]) =>
      spawnSync('bash', ['-c', script, 'bash', ...args], {
        cwd: home,
        encoding: 'utf8',
        env: { ...environment(home), PATH },
        input: '',
      }).stdout;
    const without = seen('env');
    expect(without).toContain('7');
    expect(seen(process.execPath, KEEPALIVE, 'exec', '--')).toBe(without);
    // The full command, which connects to the daemon.
    expect(seen(process.execPath, KEEPALIVE, 'exec', '--no-color', '--')).toBe(without);
  },
);

test.skipIf(process.platform === 'win32')(
  'a shell stops it with Ctrl-Z and continues it, even if only the command stops',
  async () => {
    const { pty, shows, output } = openShell();
    pty.write(`$KEEPALIVE exec -- sh -c 'echo rea""dy; kill -STOP $$; echo contin""ued; exit 5'\r`);
    await shows('ready');
    await shows('Stopped');
    pty.write('fg; echo "code $?"\r');
    await shows('continued');
    await shows('code 5');
    expect(output()).toContain('continued');
  },
);

/** A terminal in which `exec` runs a script. */
function open(script: string, env: Env) {
  return watched(
    openTerminal(process.execPath, [KEEPALIVE, 'exec', '--', 'sh', '-c', script], {
      cols: 100,
      rows: 30,
      cwd: home,
      env: { ...environment(home), PATH, ...env },
    }),
  );
}

function openShell() {
  const env = { ...environment(home), PATH, PS1: '$ ', KEEPALIVE: `${process.execPath} ${KEEPALIVE}` };
  return watched(openTerminal('bash', ['--norc', '-i'], { cols: 100, rows: 30, cwd: home, env }));
}

function watched(pty: IPty) {
  let output = '';
  pty.onData(data => void (output += data));
  const exit = new Promise<{ exitCode: number; signal?: number }>(resolve => pty.onExit(resolve));
  onTestFinished(() => pty.kill('SIGKILL'));
  return {
    pty,
    exit,
    output: () => output,
    shows: (wanted: string) => vi.waitUntil(() => output.includes(wanted), { timeout: 20_000, interval: 20 }),
  };
}

describe('without a daemon', () => {
  test('one look in this process is enough', async () => {
    const alone = temporaryHome(goodLogin());
    const run = () =>
      spawn(process.execPath, [KEEPALIVE, 'exec', '--', 'sh', '-c', 'exit 9'], {
        cwd: alone,
        stdio: 'ignore',
        env: { ...environment(alone), PATH },
      });
    expect((await once(run(), 'exit'))[0]).toBe(9);
    // The second look knows that the session was good a moment ago.
    expect((await once(run(), 'exit'))[0]).toBe(9);
    const { sessions } = JSON.parse(readFileSync(join(alone, 'states.json'), 'utf8'));
    expect(sessions.acme.state.name).toBe('alive');
  });

  test('a renewal that takes longer than --wait goes on, and its tokens are saved', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    server.keepAliveTimeout = 0;
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const alone = temporaryHome(goodLogin('acme', { expiresAt: Date.now() - 1, port }));
    const args = ['exec', '--wait', '2s', '--', 'sh', '-c', 'exit 9'];
    const ran = await run(KEEPALIVE, args, alone, { PATH });
    expect(ran).toMatchObject({ code: 6, stdout: '' });
    expect(ran.stderr).toMatch(/^acme: /);
    const [{ socket }, response] = await asked;
    // The connection is open for as long as the process that renews.
    const ended = once(socket, 'close');
    const tokens = { access_token: 'b', refresh_token: 's', token_type: 'bearer', expires_in: 3_600 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens));
    await ended;
    expect(JSON.parse(readFileSync(join(alone, 'token.json'), 'utf8'))).toMatchObject({ refresh_token: 's' });
  });
});
