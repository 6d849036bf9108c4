import { spawn as openTerminal } from '@lydell/node-pty';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { environment, KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { NO_SSHD, otherMachine, type OtherMachine } from '../support/remote/other-machine.ts';
import { onTestFinished } from '../support/running-test.ts';
import { goodLogin } from '../support/vendors/good-login.ts';

// The other machine is a real sshd, and the commands use the real ssh.

/** Prints what it sees. */
const LOOK = `JSON.stringify({
  args: process.argv.slice(1), in: process.stdin.isTTY ?? false, out: process.stdout.isTTY ?? false,
  columns: process.stdout.columns ?? process.env.COLUMNS, colour: process.env.FORCE_COLOR, no: process.env.NO_COLOR,
})`;
const LOOKING = `exec '${process.execPath}' -p '${LOOK}' -- "$@"`;

/** A program in place of keepalive there. */
function instead(script: string): string {
  const file = join(temporaryHome(), 'keepalive');
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

let box: OtherMachine;
let here = '';
const keepalive = (args: readonly string[], env = {}) => run(KEEPALIVE, args, here, { ...box.env, ...env });
const onBox = (args: readonly string[], script?: string, env = {}) => keepalive([...args, ...toBox(script)], env);
const toBox = (script?: string): readonly string[] => [
  '--host',
  'box',
  ...(script === undefined ? [] : ['--remote-command', instead(script)]),
];

describe.skipIf(NO_SSHD)(`a command with --host${NO_SSHD}`, () => {
  beforeEach(() => {
    box = otherMachine();
    here = temporaryHome();
  });

  test('shows what the daemon there knows, and ends as it does', async () => {
    for (const [name, text] of Object.entries(goodLogin())) writeFileSync(join(box.home, name), text, { mode: 0o600 });
    const daemon = await startDaemon(box.home);
    await untilSession(daemon, 'acme', ({ state }) => state.name === 'alive');
    expect(await onBox(['status'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/acme +● alive/),
      stderr: '',
    });
    expect(JSON.parse((await onBox(['status', 'acme', '--json'])).stdout)).toMatchObject({ id: 'acme' });
    expect(await onBox(['explain', 'nope'])).toMatchObject({ code: 1, stderr: expect.stringContaining('"nope"') });
  });

  test('without a daemon there has the message of that side, and names the machine', async () => {
    const { code, stdout, stderr } = await onBox(['refresh']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/^No daemon answers.*\n.*box: `keepalive start --host box` starts/);
  });

  test.each([0, 1, 3, 5, 6, 7, 130])('has the exit code %i of the other side', async code => {
    expect((await onBox(['status'], `exit ${code}`)).code).toBe(code);
  });

  test('has the exit code of a shell if a signal ends the program there', async () => {
    expect((await onBox(['status'], 'kill -9 $$')).code).toBe(137);
  });

  test('tells 255 of a command from 255 of ssh', async () => {
    expect((await keepalive(['exec', ...toBox('exit 255'), '--', 'x'])).code).toBe(255);
    const sshd = '$(ps -o ppid= -p $PPID)';
    expect(await onBox(['status'], `kill -9 ${sshd}; sleep 9`)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('the connection was lost'),
    });
  });

  test('passes all arguments on as they are', async () => {
    const args = ["a'b", '"', 'a\nb', '$(touch pwned)', '`x`', '\\', "\\'", '😀', '*', '', '~', '-x', '--', '%h', '!'];
    const { stdout } = await keepalive(['exec', ...toBox(LOOKING), '--', ...args]);
    expect(JSON.parse(stdout).args).toEqual(['exec', '--', ...args]);
  });

  test('passes the input on, to its last byte', () => {
    const args = [KEEPALIVE, 'rpc', 'x', '-', ...toBox('wc -c')];
    const input = 'x'.repeat(3_000_000);
    const { stdout } = spawnSync(process.execPath, args, { env: environment(here, box.env), input, encoding: 'utf8' });
    expect(stdout.trim()).toBe('3000000');
  });

  test('ends when its reader does', () => {
    const command = ['-c', '"$0" "$@" | head -1', process.execPath, KEEPALIVE, 'logs', ...toBox('exec yes')];
    const { stdout } = spawnSync('sh', command, { env: environment(here, box.env), encoding: 'utf8' });
    expect(stdout).toBe('y\n');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends by %s, and so does the program there', async signal => {
    const file = join(here, 'pid');
    const stay = `echo $$ >'${file}.new'; mv '${file}.new' '${file}'; exec sleep 1000`;
    const args = [KEEPALIVE, 'logs', '-f', ...toBox(stay)];
    const child = spawn(process.execPath, args, { env: environment(here, box.env), stdio: 'ignore' });
    const ended = once(child, 'exit');
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    await expect.poll(() => existsSync(`/proc/${readFileSync(file, 'utf8').trim()}`), { timeout: 30_000 }).toBe(false);
  });

  test('without a terminal here has none there, and the wishes for width and colour', async () => {
    const { stdout } = await onBox(['status'], LOOKING, { COLUMNS: '77', NO_COLOR: '1' });
    expect(JSON.parse(stdout)).toMatchObject({ in: false, out: false, columns: '77', no: '1' });
  });

  test('in a terminal has one there, of the same width', async () => {
    const { text } = await inTerminal(['status', ...toBox(LOOKING)]);
    expect(JSON.parse(text)).toMatchObject({ in: true, out: true, columns: 91 });
  });

  test('with only its output in a terminal has the width and colours of that', async () => {
    const { text } = await inTerminal(['status', ...toBox(LOOKING)], ' </dev/null');
    expect(JSON.parse(text)).toMatchObject({ in: false, out: false, columns: '91', colour: '1' });
  });

  test('in a terminal leaves Ctrl-C to the program there', async () => {
    const wait = 'trap "exit 7" INT; echo ready; while :; do sleep 0.1; done';
    const onReady = (terminal: { write(text: string): void }) => terminal.write('\x03');
    const { code } = await inTerminal(['status', '-w', ...toBox(wait)], '', onReady);
    expect(code).toBe(7);
  });

  test.each([
    ['stranger', /host key is not the one that you know, so ssh refused/],
    ['unknown', /host key is not known here.*`ssh unknown`/],
    ['locked', /did not accept your login.*`ssh locked`/],
    ['refusing', /refused the connection/],
    ['nowhere.invalid', /no machine of that name was found/],
  ])('says why ssh did not connect to %s, and exits with 4', async (host, reason) => {
    const { code, stdout, stderr } = await keepalive(['status', '--host', host]);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    const { error } = JSON.parse((await keepalive(['status', '--host', host, '--json'])).stdout);
    expect(error).toMatchObject({ code: 'KA_SSH_FAILED', details: { host } });
  });

  test('says what to do if keepalive is missing there', async () => {
    const { code, stderr } = await keepalive(['status', '--host', 'bare']);
    expect(code).toBe(127);
    expect(stderr).toContain('`keepalive` was not found on bare. Install');
    expect(stderr).toContain('--remote-command');
  });

  test('names both versions if the other side does not know an option', async () => {
    const old = 'case "$1" in --version) echo 0.0.9;; *) echo "error: unknown option" >&2; exit 2;; esac';
    const { code, stderr } = await onBox(['check', '--min', '1h'], old);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: unknown option\nkeepalive is \d\S+ here and 0\.0\.9 on box\./);
  });

  test('says that ssh is not installed here', async () => {
    const { code, stderr } = await keepalive(['status', '--host', 'box'], { PATH: here });
    expect(code).toBe(1);
    expect(stderr).toContain('ssh is not installed here');
  });
});

/** Runs a command in a terminal of 91 columns. `onReady` gets it with the first output. */
async function inTerminal(
  args: readonly string[],
  redirection = '',
  onReady: (terminal: { write(text: string): void }) => void = () => undefined,
) {
  const script = `exec "$0" "$@"${redirection}`;
  const { NO_COLOR: _none, ...env } = environment(here, box.env);
  const terminal = openTerminal('sh', ['-c', script, process.execPath, KEEPALIVE, ...args], {
    cols: 91,
    rows: 30,
    env: { ...env, TERM: 'xterm-256color' },
  });
  onTestFinished(() => terminal.kill('SIGKILL'));
  let text = '';
  terminal.onData(chunk => {
    if (text === '') onReady(terminal);
    text += chunk;
  });
  const { exitCode: code } = await new Promise<{ exitCode: number }>(resolve => terminal.onExit(resolve));
  return { code, text };
}
