import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { macMachine, type Mac } from '../support/macos/mac.ts';
import notifyDesktop from '../../plugins/notify-desktop/index.ts';
import { macos } from '../../plugins/notify-desktop/macos.ts';
import { fakeContext } from '../../sdk/testing/index.ts';
import { notice } from '../support/notice.ts';
import { isRunning } from '../../sdk/system/process-identity.ts';
import { begin, KEEPALIVED, untilSession } from '../support/daemon/daemon.ts';

// The real programs of ours, which take this machine for a Mac, with stand-ins for those of macOS. Apple's side of it
// (launchd, the keychain, AppKit, the notification centre) is as good as the stand-ins.

/** Each command is a process, and there are many. */
const WITHIN = { timeout: 60_000 };
/** A test that hangs does not take the time of the others. */
const LIMIT = { timeout: 300_000 };

const plistutil = spawnSync('plistutil', ['--version']);
const why = process.platform === 'win32' ? 'Windows has no sh' : plistutil.error ? 'libplist-utils is missing' : '';
const skipped = why === '' ? '' : ` (skipped: ${why})`;

/** Faster than launchd, whose second is 20 ms here, and whose jobs stay known for a while. */
const LAUNCHD = { secondMs: 20, lingerMs: 1_500 };
const TARGET = `gui/${process.getuid?.()}/session-keepalive`;
const ITEM = 'Claude Code-credentials';

const json = async <T>(mac: Mac, ...args: string[]): Promise<T> =>
  JSON.parse((await mac.keepalive(...args, '--json')).stdout) as T;

/** Resolves once the session is as wanted. Otherwise the test fails with what it is. */
async function untilClaude(mac: Mac, wanted: string): Promise<void> {
  const client = await mac.connect();
  const shown = async () => {
    const { state } = await client.request('session/get', { id: 'claude' });
    return state.name === 'halted' ? `halted: ${state.why}` : state.name;
  };
  await expect.poll(shown, WITHIN).toBe(wanted);
}

/** Has an attempt made, which is refused for a second after the last one. */
async function force(mac: Mac): Promise<void> {
  const refreshed = async () => (await mac.keepalive('refresh', 'claude', '--force')).stderr;
  await expect.poll(refreshed, WITHIN).not.toContain('KA_RATE_LIMITED');
}

/** What launchd says of the job; `gone` if it knows none. */
function job(mac: Mac): string {
  const { status, stdout } = mac.run('launchctl', 'print', TARGET);
  return status === 113 ? 'gone' : stdout;
}

const CONFIG = 'Library/Preferences/keepalive/keepalive.config.json';
/** Attempts may follow one another soon. */
const SOON = JSON.stringify({ plugins: ['claude'], policy: { minInterval: '1s' } });

describe.skipIf(why !== '')(`Claude in the keychain${skipped}`, LIMIT, () => {
  test('a sign-in is noticed while it is halted, and again after the item was lost, for the same account', async () => {
    const mac = macMachine({ files: { [CONFIG]: SOON } });
    expect(await mac.keepalive('start')).toMatchObject({ code: 0, stderr: '' });
    await untilClaude(mac, 'halted: unavailable');
    expect(mac.run('claude', '/login')).toMatchObject({ status: 0 });
    await untilClaude(mac, 'alive');

    expect(mac.run('security', 'delete-generic-password', '-s', ITEM)).toMatchObject({ status: 0 });
    await force(mac);
    await untilClaude(mac, 'halted: unavailable');
    expect((await mac.keepalive('doctor')).stdout).toMatch(/claude +unavailable/);
    expect(mac.run('claude', '/login')).toMatchObject({ status: 0 });
    await untilClaude(mac, 'alive');
  });

  test('an old item is touched by claude alone, and its secret is never read', async () => {
    const mac = macMachine({ files: { [CONFIG]: SOON } });
    mac.run('claude', '/login');
    const { items } = JSON.parse(mac.read('keychain.json')) as { readonly items: readonly object[] };
    mac.set('keychain', { items: items.map(item => ({ ...item, modified: '20260101000000Z' })) });
    await mac.keepalive('start');
    await expect.poll(() => mac.read('keychain.json'), WITHIN).not.toContain('20260101000000Z');
    await untilClaude(mac, 'alive');
    expect(mac.noted<readonly string[]>('claude').at(-1)).toEqual(expect.arrayContaining(['mcp', 'get']));
    // claude names its account, and reads and writes its own secret.
    const ours = mac.noted<readonly string[]>('security').filter(args => !args.includes('-a'));
    expect(ours.length).toBeGreaterThan(1);
    for (const args of ours) expect(args).toEqual(['find-generic-password', '-s', ITEM]);
  });

  test('a locked keychain is waited for, and is no sign-out', async () => {
    const mac = macMachine({ files: { [CONFIG]: SOON } });
    mac.run('claude', '/login');
    const { items } = JSON.parse(mac.read('keychain.json')) as { readonly items: readonly object[] };
    mac.set('keychain', { items, denied: true });
    await mac.keepalive('start');
    await untilClaude(mac, 'waiting');
    expect((await mac.keepalive('status', 'claude')).stdout).toContain('Unlock the keychain');
    mac.set('keychain', { items });
    await force(mac);
    await untilClaude(mac, 'alive');
  });

  test('another folder has the item that claude names after it', async () => {
    const mac = macMachine();
    const folder = join(mac.home, '.claude-work');
    mkdirSync(folder);
    const env = { CLAUDE_CONFIG_DIR: folder };
    spawnSync(join(mac.root, 'bin/claude'), ['/login'], { env: { ...process.env, ...mac.env, ...env } });
    mac.configure({ plugins: [['claude', { id: 'work', home: folder }]], policy: { minInterval: '1s' } });
    await mac.keepalive('start');
    const { method } = await untilSession(
      { client: await mac.connect() },
      'work',
      ({ state }) => state.name === 'alive',
    );
    expect(method).toBe('touch');
  });
});

describe.skipIf(why !== '')(`launchd${skipped}`, LIMIT, () => {
  test('install, again, another configuration, stop, start, restart and uninstall', async () => {
    const mac = macMachine({ files: { [CONFIG]: '{"plugins":["practice"]}', 'own.json': '{"plugins":["practice"]}' } });
    mac.set('launchd', LAUNCHD);
    expect(await mac.keepalive('service', 'install')).toMatchObject({ code: 0, stderr: '' });
    expect(job(mac)).toContain('state = running');
    expect((await mac.keepalive('service', 'install')).stdout).toContain('already installed');

    // A daemon that stops leaves the job, and the old job is still known when the new one is loaded.
    const own = ['--config', join(mac.home, 'own.json')];
    expect(await mac.keepalive('service', 'install', ...own)).toMatchObject({ code: 0, stderr: '' });
    expect(await json(mac, 'service', 'status', ...own)).toMatchObject({
      installed: true,
      current: true,
      running: true,
    });

    await mac.keepalive('stop');
    expect((await mac.keepalive('service', 'status', ...own)).code).toBe(4);
    expect(await mac.keepalive('start', ...own)).toMatchObject({ code: 0, stderr: '' });
    expect(job(mac)).toContain('state = running');
    expect(await mac.keepalive('restart')).toMatchObject({ code: 0, stderr: '' });
    expect(job(mac)).toContain('state = running');

    expect(await mac.keepalive('service', 'uninstall', ...own)).toMatchObject({ code: 0, stderr: '' });
    expect(job(mac)).toBe('gone');
    expect(existsSync(join(mac.home, 'Library/LaunchAgents'))).toBe(false);
  });

  test('a job that was switched off is switched on again', async () => {
    const mac = macMachine({ files: { [CONFIG]: '{"plugins":["practice"]}' } });
    mac.run('launchctl', 'disable', TARGET);
    expect(await mac.keepalive('service', 'install')).toMatchObject({ code: 0, stderr: '' });
  });

  test('a refused configuration and a home in use are not tried again and again, and the log says why', async () => {
    const mac = macMachine({ files: { [CONFIG]: '{"plugins":["practice"]}' } });
    mac.set('launchd', LAUNCHD);
    await mac.keepalive('service', 'install');
    await mac.keepalive('stop');
    mac.configure({ plugins: 3 });
    mac.run('launchctl', 'kickstart', TARGET);
    await expect.poll(() => job(mac), WITHIN).toMatch(/state = not running\n\truns = 2\n\tlast exit code = 0/);
    expect((await mac.keepalive('service', 'status')).stdout).toMatch(/last start was refused.*plugins/s);
    expect((await mac.keepalive('logs')).stdout).toMatch(/did not start.*plugins/);

    mac.configure({ plugins: ['practice'] });
    const daemon = begin(KEEPALIVED, [], mac.home, mac.env);
    await expect.poll(async () => (await mac.keepalive('status')).code, WITHIN).toBe(0);
    mac.run('launchctl', 'kickstart', TARGET);
    await expect.poll(() => job(mac), WITHIN).toMatch(/state = not running\n\truns = 3\n\tlast exit code = 0/);
    daemon.child.kill();
    await daemon.done;
  });

  test('a crash is mended', async () => {
    const mac = macMachine({ files: { [CONFIG]: '{"plugins":["practice"]}' } });
    mac.set('launchd', LAUNCHD);
    await mac.keepalive('service', 'install');
    process.kill(Number(/pid = (\d+)/.exec(job(mac))?.[1]), 'SIGKILL');
    await expect.poll(() => job(mac), WITHIN).toMatch(/state = running\n\truns = 2/);
  });
});

const ODD_HOMES = [`it's "a" & <b> \\c $HOME \`d\` %e`, '--help -e', ']]> &amp; $(touch evil) ü 日本'];

describe.skipIf(why !== '')(`folders with odd names${skipped}`, LIMIT, () => {
  test.each(ODD_HOMES)('%s', async homeName => {
    const mac = macMachine({ homeName, files: { [CONFIG]: '{"plugins":["practice"]}' } });
    expect(await mac.keepalive('service', 'install')).toMatchObject({ code: 0, stderr: '' });
    expect(await json(mac, 'service', 'status')).toMatchObject({ installed: true, current: true, running: true });
    expect(await mac.keepalive('ui')).toMatchObject({ code: 0, stderr: '' });
    expect(mac.noted<readonly string[]>('open')).toEqual([[expect.stringContaining(homeName)]]);
    expect(await mac.keepalive('service', 'uninstall')).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(mac.root)).not.toContain('evil');
  });

  test('a line break in one is refused for a service, and harms nothing else', async () => {
    const mac = macMachine({ homeName: 'a\nb', files: { [CONFIG]: '{"plugins":["practice"]}' } });
    const { code, stderr } = await mac.keepalive('service', 'install', '--config', join(mac.home, CONFIG));
    expect([code, stderr]).toEqual([1, expect.stringContaining(String.raw`a\nb`)]);
    expect(mac.noted('launchctl')).toEqual([]);
  });
});

const TEXTS = [
  '"; do shell script "touch evil"; "',
  '\\" & (do shell script "id") & "',
  '$(touch evil) `id` %s',
  '-e',
  '--help',
  'two\nlines\r\n¬ and «class ktxt»',
  "it's <b>&amp;</b> ü 日本",
];

describe.skipIf(why !== '')(`notices${skipped}`, LIMIT, () => {
  test.each(TEXTS)('%j is shown as it is', async text => {
    const mac = macMachine();
    const context = fakeContext({
      exec: ({ program, args }) => ({ exitCode: mac.run(program, ...args).status ?? 1 }),
    });
    await notifyDesktop({}, macos).raise(notice({ title: text, body: text, action: undefined }), context);
    expect(mac.noted('notifications')).toEqual([{ title: 'Session Keepalive', subtitle: text, text }]);
  });
});

describe.skipIf(why !== '')(`the tray${skipped}`, LIMIT, () => {
  test('osascript shows the menu, and a choice comes back', async () => {
    const mac = macMachine({ files: { [CONFIG]: '{"plugins":["practice"]}' } });
    await mac.keepalive('start');
    const { pid } = await json<{ readonly pid: number }>(mac, 'tray');
    type Menu = { readonly title: string; readonly items: readonly (string | { readonly label: string })[] };
    const last = () => mac.noted<Menu>('menu-bar').at(-1);
    await expect.poll(() => last()?.title, WITHIN).toBe('◉');
    expect(mac.noted('osascript')).toEqual([expect.objectContaining({ language: 'JavaScript', args: [] })]);
    const labels = last()?.items.map(item => (typeof item === 'string' ? item : item.label));
    expect(labels).toContainEqual(expect.stringContaining('ractice'));
    mac.set('choice', ['Quit tray']);
    await expect.poll(() => isRunning(pid), WITHIN).toBe(false);
  });
});
