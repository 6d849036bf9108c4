import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UNPACKED } from '../support/daemon/daemon.ts';
import { ROOT } from '../support/sources.ts';
import { makeWindows, missingForWindows, type Windows } from '../support/wine.ts';

const INSTALLED = 'C:\\My Apps ü\\node_modules\\session-keepalive';
const HOME = 'C:\\k\\home';

/** Alive while its login is there. */
const PLUGIN = `export default () => ({
  kind: 'provider', id: 'beat', displayName: 'Beat',
  async refresh({ files }) {
    const login = await files.read('C:\\\\k\\\\login.json');
    return login ? { status: 'fresh' } : { status: 'unavailable', hint: 'sign in' };
  },
  watch: ({ files }, changed) => files.watch('C:\\\\k\\\\login.json', changed),
});`;

const CONFIG = `export default { plugins: ['./beat.mjs'], policy: { minInterval: '1s' } };`;

describe.skipIf(missingForWindows)(`on Windows${missingForWindows ? ` (skipped: ${missingForWindows})` : ''}`, () => {
  let windows: Windows;
  beforeAll(() => {
    windows = makeWindows({ KEEPALIVE_HOME: HOME });
    mkdirSync(join(windows.drive, 'k', 'home'), { recursive: true });
  });
  afterAll(() => {
    // Undefined if it could not be made.
    const made: Windows | undefined = windows;
    made?.dispose();
  });

  const keepalive = (...args: readonly string[]) =>
    windows.node([`${INSTALLED}\\dist\\plugins\\ui-cli\\main.js`, ...args]);

  test('programs, held files and watched files behave', async () => {
    const script = `Z:${join(ROOT, 'tests/support/windows-facts.mjs')}`;
    const { out, err } = await windows.node([script, `Z:${UNPACKED}`, 'C:/koffi']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      direct: ['a b', 'x&y', '"q"', '100%', 'back\\'],
      shim: ['plain', 'x=1', '--flag'],
      grace: [true, true, true, true],
      isHeld: true,
      heldRead: 'content',
      isRead: true,
      heldWrite: 'newer',
      watch: 'noticed',
    });
  });

  test('a daemon starts, notices a login, answers and stops', async () => {
    expect((await keepalive('--version')).out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await keepalive('config', 'init')).toMatchObject({ code: 0 });
    const home = join(windows.drive, 'k', 'home');
    writeFileSync(join(home, 'beat.mjs'), PLUGIN);
    writeFileSync(join(home, 'keepalive.config.ts'), CONFIG);
    expect(await keepalive('start')).toMatchObject({ code: 0 });
    expect((await keepalive('plugin', 'list')).out).toContain('beat.mjs');
    writeFileSync(join(windows.drive, 'k', 'login.json'), '{}');
    const state = async () => JSON.parse((await keepalive('status', 'beat', '--json')).out)?.state?.name;
    await expect.poll(state, { timeout: 60_000 }).toBe('alive');
    expect(await keepalive('refresh', 'beat', '--force')).toMatchObject({ code: 0 });
    expect(await keepalive('check', 'beat')).toMatchObject({ code: 0 });
    expect((await keepalive('prompt', '--format', '{ids}')).out.trim()).toBe('beat');
    expect(await keepalive('pause', 'beat')).toMatchObject({ code: 0 });
    expect(await keepalive('resume', 'beat')).toMatchObject({ code: 0 });
    expect((await keepalive('doctor')).out).toContain('home');
    const url = /http:\/\/\S+/.exec((await keepalive('ui', '--print')).out)?.[0] ?? '';
    const opened = await fetch(url, { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await fetch(new URL(opened.headers.get('location') ?? '/', url), { headers: { cookie } });
    expect(await page.text()).toContain('<html');
    expect(await keepalive('stop')).toMatchObject({ code: 0 });
    expect(await keepalive('status')).toMatchObject({ code: 4 });
  });
});
