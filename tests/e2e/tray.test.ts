import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { environment, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { Desktop, missingOfDesktop, type Look } from '../support/daemon/desktop.ts';
import { ROOT } from '../support/sources.ts';

// A grey ring with a dot, a grey ring, and a red disc.
const ALIVE: Look = { colour: [150, 156, 164], pixels: 45 };
const AWAY: Look = { colour: [150, 156, 164], pixels: 10 };
const NEEDED: Look = { colour: [222, 60, 54], pixels: 45 };

/** A session that needs a login while the file `revoked` exists. */
const PLUGIN = `
import { existsSync } from 'node:fs';
import { defineProvider } from 'session-keepalive/sdk';
const revoked = new URL('revoked', import.meta.url);
export default () => defineProvider({
  id: 'mine', displayName: 'Mine', policy: { minInterval: '100ms' },
  refresh: async () => existsSync(revoked) ? { status: 'login-required', hint: 'Run mine login.', proof: 'refused' }
    : { status: 'refreshed', expiresAt: new Date(Date.now() + 3600000) },
  inspect: async () => ({ present: true, store: '/mine', fingerprint: 'mine' }),
});
`;

/** What the form in a file that opens the page leads to. */
async function pageBehind(file: string): Promise<string> {
  const [, action = ''] = /action="([^"]+)"/.exec(file) ?? [];
  const [, code = ''] = /value="([^"]+)"/.exec(file) ?? [];
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await fetch(action, { method: 'POST', headers, body: `code=${code}` })).text();
}

describe.skipIf(missingOfDesktop.length > 0)(
  `on a real desktop (${missingOfDesktop.length ? `skipped: missing ${missingOfDesktop.join(', ')}` : 'xfce4-panel'})`,
  () => {
    test('the tray icon has a menu, refreshes sessions, turns red for a login, and follows the daemon', async () => {
      const desktop = await Desktop.start();
      const home = temporaryHome({
        'keepalive.config.json': JSON.stringify({ plugins: ['ui-web', './mine.mjs'] }),
        'mine.mjs': PLUGIN,
      });
      const opener =
        '#!/bin/sh\ncp "$1" "$(dirname "$0")/opened.tmp" && cd "$(dirname "$0")" && mv opened.tmp opened.html';
      writeFileSync(join(home, 'xdg-open'), opener, { mode: 0o700 });
      const daemon = await startDaemon(home);
      await untilSession(
        daemon,
        'mine',
        ({ state, lastAttempt }) => state.name === 'alive' && lastAttempt !== undefined,
      );
      const tray = spawn(process.execPath, [join(ROOT, 'dist/plugins/ui-tray/process/main.js')], {
        env: environment(home, { ...desktop.env, PATH: [home, process.env['PATH']].join(delimiter) }),
        stdio: 'ignore',
      });
      const ended = once(tray, 'exit');
      onTestFinished(() => void tray.kill('SIGKILL'));

      const icon = await desktop.see(ALIVE);
      // The first entry that can be chosen is the session, and Refresh now is below it.
      const chooseFirst = () => desktop.choose(icon, 'Down', 'Right', 'Return');
      await chooseFirst();
      await untilSession(daemon, 'mine', ({ lastAttempt }) => lastAttempt?.reason === 'manual');

      writeFileSync(join(home, 'revoked'), '');
      await chooseFirst();
      expect(await desktop.see(NEEDED)).toEqual({ x: expect.closeTo(icon.x, -1), y: expect.closeTo(icon.y, -1) });

      // Now Sign in is the first, and opens the page there.
      await chooseFirst();
      await expect.poll(() => existsSync(join(home, 'opened.html')), { timeout: 30_000 }).toBe(true);
      expect(await pageBehind(readFileSync(join(home, 'opened.html'), 'utf8'))).toMatch(/#sign-in=mine"/);

      daemon.child.kill('SIGKILL');
      await desktop.see(AWAY);
      const again = await startDaemon(home);
      await desktop.see(NEEDED);
      rmSync(join(home, 'revoked'));
      await again.client.request('session/refresh', { id: 'mine', force: true });
      await desktop.see(ALIVE);

      await desktop.choose(icon, 'Up', 'Return');
      expect(await ended).toEqual([0, null]);
      await expect.poll(() => desktop.find(AWAY)).toBeUndefined();
    }, 90_000);
  },
);
