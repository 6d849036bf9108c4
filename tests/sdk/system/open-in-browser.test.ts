import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openerOf, openInBrowser } from '../../../sdk/system/open-in-browser.ts';
import { temporaryHome, UNPACKED } from '../../support/daemon/daemon.ts';

const FILE = '/home/me/keepalive-ui-1.html';

describe('the program that opens a browser', () => {
  test.each<[string, NodeJS.Platform, Record<string, string>, unknown]>([
    ['on macOS', 'darwin', {}, { program: 'open', args: [FILE] }],
    [
      'on Windows, without a shell',
      'win32',
      {},
      { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', FILE] },
    ],
    ['on Linux', 'linux', { DISPLAY: ':0' }, { program: 'xdg-open', args: [FILE] }],
    ['on WSL', 'linux', { WSL_DISTRO_NAME: 'Debian' }, { program: 'wslview', args: [FILE] }],
  ])('%s', (_where, platform, env, opener) => {
    expect(openerOf(FILE, env, platform)).toEqual(opener);
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ['there is no display', {}, false],
  ['there is an X display', { DISPLAY: ':0' }, true],
  ['there is a Wayland display', { WAYLAND_DISPLAY: 'wayland-0' }, true],
])('on Linux a browser is opened only if there is a display: %s', async (_what, display, opened) => {
  const folder = temporaryHome({ 'xdg-open': '#!/bin/sh\nexit 0\n' });
  chmodSync(join(folder, 'xdg-open'), 0o755);
  const env = { PATH: folder, ...display };
  expect(await openInBrowser(FILE, { env, platform: 'linux' })).toBe(opened);
  expect(await openInBrowser(FILE, { env, platform: 'linux', atDesktop: true })).toBe(true);
});

test('an opener that is missing or fails has opened nothing', async () => {
  const folder = temporaryHome({ 'xdg-open': '#!/bin/sh\nexit 3\n' });
  chmodSync(join(folder, 'xdg-open'), 0o755);
  for (const PATH of ['/nowhere', folder]) {
    expect(await openInBrowser(FILE, { env: { PATH, DISPLAY: ':0' }, platform: 'linux' })).toBe(false);
  }
});

const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;

test.skipIf(!hasSetpriv)(
  `where no program can gain privileges, systemd starts the browser${hasSetpriv ? '' : ' (skipped: no setpriv)'}`,
  () => {
    const folder = temporaryHome({ 'systemd-run': '#!/bin/sh\necho "$@" >"${0%/*}/arguments"\n' });
    chmodSync(join(folder, 'systemd-run'), 0o755);
    const code =
      `import { openInBrowser } from ${JSON.stringify(join(UNPACKED, 'sdk/system/open-in-browser.js'))};` +
      `process.exit((await openInBrowser('${FILE}')) ? 0 : 1);`;
    const args = ['--no-new-privs', process.execPath, '--input-type=module', '-e', code];
    execFileSync('setpriv', args, { env: { PATH: `${folder}:${process.env['PATH']}`, DISPLAY: ':0' } });
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe(
      `--user --quiet --collect --setenv=DISPLAY=:0 xdg-open ${FILE}\n`,
    );
  },
);
