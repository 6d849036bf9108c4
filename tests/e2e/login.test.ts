import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { TestTerminal } from '../support/bars/terminal.ts';
import { environment, KEEPALIVE, temporaryHome } from '../support/daemon/daemon.ts';

const TOOL = fileURLToPath(new URL('../support/sign-in/vendor-tool.mjs', import.meta.url));
const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });
const ADDRESS = 'https://vendor.example/sign-in?state=CANARY-state';

/** A home whose only session needs a login. No daemon runs. */
function homeWith(): string {
  const home = temporaryHome({ 'tool/login.json': DEAD });
  const config = { plugins: [[TOOL, { folder: join(home, 'tool') }]] };
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
  return home;
}

const storeOf = (home: string): string => readFileSync(join(home, 'tool/login.json'), 'utf8');
const argsOf = (home: string): string[] => ['login', 'tool', '--config', join(home, 'keepalive.config.json')];
/** A display, which makes it a desktop, but no program that opens a browser. */
const DESKTOP = { DISPLAY: ':99' };

/** Everything that keepalive has written in the home. */
const written = (home: string): string =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.parentPath.startsWith(join(home, 'tool')))
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

/** Signs in with lines of a pipe as answers. */
const piped = (home: string, input: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = DESKTOP) =>
  execa(process.execPath, [KEEPALIVE, ...argsOf(home), ...args], {
    cwd: home,
    input,
    env: environment(home, env),
    extendEnv: false,
    reject: false,
  });

/** Signs in at a terminal. */
function terminal(
  home: string,
  env: Readonly<Record<string, string>> = DESKTOP,
  columns = 80,
  rows = 40,
): TestTerminal {
  const { PATH = '', ...rest } = environment(home) as Record<string, string>;
  const world = { ...rest, PATH, TERM: 'xterm-256color', ...env };
  return new TestTerminal(process.execPath, [KEEPALIVE, ...argsOf(home)], world, { columns, rows });
}

describe('keepalive login with a pipe', () => {
  test('takes the code from the input, asks again, and ends with the session alive', async () => {
    const home = homeWith();
    const { exitCode, stdout } = await piped(home, 'wrong\n\n  good\n');
    expect(exitCode).toBe(0);
    const [header, address, problem, end] = [
      'Sign in to Vendor Tool on ',
      ADDRESS,
      'The vendor did not accept this code.',
      '✓ Signed in. Vendor Tool is alive.',
    ].map(text => stdout.indexOf(text));
    expect([header, address, problem, end]).toEqual([header, address, problem, end].toSorted((a = 0, b = 0) => a - b));
    expect(header).toBe(0);
    expect(stdout.split('\n').filter(line => line === ADDRESS)).toHaveLength(1);
    expect(storeOf(home)).not.toBe(DEAD);
    expect(written(home)).not.toContain('CANARY');
  });

  test('without a code cancels, and leaves the store byte for byte as it was', async () => {
    const home = homeWith();
    const { exitCode, stderr } = await piped(home, '');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The input ended before the code.');
    expect(stderr).toContain('The sign-in was cancelled. The login from before is as it was.');
    expect(storeOf(home)).toBe(DEAD);
  });

  test('with --json prints each state on a line', async () => {
    const home = homeWith();
    const { exitCode, stdout, stderr } = await piped(home, 'other\nkeep\n', ['--json']);
    const states = stdout.split('\n').map((line): Record<string, unknown> => JSON.parse(line));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(states.map(({ name }) => name).filter((name, at, all) => name !== all[at - 1])).toEqual([
      'started',
      'starting',
      'code',
      'checking',
      'confirm',
      'checking',
      'done',
    ]);
    expect(states[0]).toMatchObject({ session: 'tool', account: 'Vendor account', hosts: ['vendor.example'] });
    expect(states[2]).toEqual({ name: 'code', url: ADDRESS });
  });

  test('names an unknown session as every command does', async () => {
    const home = homeWith();
    const { exitCode, stderr } = await execa(process.execPath, [KEEPALIVE, 'login', 'toll', ...argsOf(home).slice(2)], {
      cwd: home,
      env: environment(home),
      extendEnv: false,
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('There is no session "toll". Did you mean "tool"?');
  });
});

describe('keepalive login at a terminal', () => {
  test('shows a QR code and takes a pasted code without showing it', async () => {
    const home = homeWith();
    const screen = terminal(home);
    await screen.see('Code:  (15 min left, Ctrl-C cancels)');
    expect(screen.lines().filter(line => line === ADDRESS)).toHaveLength(1);
    expect(screen.lines().some(line => line.includes('█▀▀'))).toBe(true);
    screen.type('\x1b[200~go\rod\x1b[201~');
    await screen.see('Code: •••• (15 min left');
    expect(screen.lines().join('\n')).not.toContain('good');
    screen.type('\r');
    await screen.see('✓ Signed in. Vendor Tool is alive.');
    expect(await screen.ended).toBe(0);
  });

  test('asks whether to keep another account', async () => {
    const screen = terminal(homeWith());
    await screen.see('Code:');
    screen.type('other\r');
    await screen.see('y keeps it, n pauses the session');
    screen.type('y');
    await screen.see('✓ Signed in.');
    expect(await screen.ended).toBe(0);
  });

  test('by SSH asks for a sign-in on any device, with a large code, at 40 columns too', async () => {
    const home = homeWith();
    const screen = terminal(home, { ...DESKTOP, SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }, 40);
    await screen.see('C A N A - R Y 1 2');
    await screen.see('To copy: CANA-RY12');
    await screen.see('↻ Waiting (10 min left, Ctrl-C cancels)');
    writeFileSync(join(home, 'tool/approved'), '');
    await screen.see('✓ Signed in.');
    expect(await screen.ended).toBe(0);
    expect(written(home)).not.toContain('CANA');
  });

  test('shows the whole QR code at 24 rows, and what is waited for below it', async () => {
    for (const [env, waits] of [
      [{ SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }, 'Waiting for you'],
      [DESKTOP, 'Code:'],
    ] as const) {
      const screen = terminal(homeWith(), env, 80, 24);
      await screen.see(waits);
      // Two of its 33 rows of modules are one line.
      expect(screen.lines().filter(line => /[█▀▄]{3}/.test(line))).toHaveLength(17);
      screen.type('\x03');
      expect(await screen.ended).toBe(130);
    }
  });

  test('wraps the end at the width of the terminal', async () => {
    const screen = terminal(homeWith(), DESKTOP, 30);
    await screen.see('Code:');
    screen.type('good\r');
    expect(await screen.ended).toBe(0);
    expect(screen.lines()).toContain('✓ Signed in. Vendor Tool is');
  });

  test('says how to keep another account that was refused', async () => {
    const screen = terminal(homeWith());
    await screen.see('Code:');
    screen.type('other\r');
    await screen.see('y keeps it, n pauses the session');
    screen.type('n');
    expect(await screen.ended).toBe(1);
    expect(screen.lines().join(' ')).toContain('or run `keepalive resume tool` to keep this account.');
  });

  test('cancels on Ctrl-C, and says what the store holds', async () => {
    const home = homeWith();
    const screen = terminal(home, {});
    await screen.see('Waiting for you');
    screen.type('\x03');
    await screen.see('The login from before is as it was.');
    expect(await screen.ended).toBe(130);
    expect(storeOf(home)).toBe(DEAD);
  });
});
