import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { environment, KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { NO_EDITOR, startCodeServer } from '../support/editor/code-server.ts';
import { openWorkbench, type Workbench } from '../support/editor/workbench.ts';
import { launchChromium, NO_CHROMIUM } from './page/chromium.ts';

/** An editor needs a core for itself, so it is started only if it is asked for. */
const MISSING = process.env['KEEPALIVE_EDITOR'] ? (NO_EDITOR ?? NO_CHROMIUM) : 'it runs with KEEPALIVE_EDITOR=1';

/** A session that needs a login while the file `revoked` exists. */
const PLUGIN = `
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
const revoked = new URL('revoked', import.meta.url);
const hint = 'Run \`mine login\` with MINE_HOME=' + fileURLToPath(new URL('work', import.meta.url)) + '.';
export default () => ({
  kind: 'provider', id: 'mine', displayName: 'Mine', policy: { minInterval: '100ms' },
  refresh: async () => existsSync(revoked) ? { status: 'login-required', hint, proof: 'refused' }
    : { status: 'refreshed', expiresAt: new Date(Date.now() + 3600000) },
});
`;

const LOGIN = /Mine: login required/;

/** A home with the vendor's program, and with ours as a user's PATH has it. */
function homeWithPrograms(): { readonly home: string; readonly env: NodeJS.ProcessEnv } {
  const home = temporaryHome({
    'keepalive.config.json': JSON.stringify({ plugins: ['./mine.mjs'] }),
    'mine.mjs': PLUGIN,
  });
  const put = (name: string, script: string) =>
    writeFileSync(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  put('mine', `echo "$1 at $MINE_HOME" > ${home}/signed-in`);
  put('keepalive', `exec ${process.execPath} ${KEEPALIVE} "$@"`);
  // The editor takes the PATH of a login shell, which the system's profile replaces.
  const path = [home, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  writeFileSync(join(home, '.profile'), `export PATH='${path}'\n`);
  return { home, env: environment(home, { PATH: path, SHELL: '/bin/sh' }) };
}

async function opened(env: NodeJS.ProcessEnv): Promise<Workbench> {
  const server = await startCodeServer(temporaryHome(), env);
  onTestFinished(server.end);
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  return openWorkbench(browser, server.url);
}

describe.skipIf(MISSING)(`in a real editor${MISSING ? ` (skipped: ${MISSING})` : ''}`, () => {
  test('the item shows the sessions, refreshes them, asks for a login, and follows the daemon', async () => {
    const { home, env } = homeWithPrograms();
    const daemon = await startDaemon(home);
    await untilSession(daemon, 'mine', ({ state }) => state.name === 'alive');
    const { page, item, tooltip, messages, terminal, choose } = await opened(env);
    const shows = (text: string | RegExp) => item.filter({ hasText: text }).waitFor();

    await shows('1 alive');
    await item.hover();
    await tooltip.getByRole('cell', { name: 'Mine', exact: true }).waitFor();

    await choose('Mine', 'Refresh now');
    await untilSession(daemon, 'mine', ({ lastAttempt }) => lastAttempt?.reason === 'manual');

    writeFileSync(join(home, 'revoked'), '');
    await daemon.client.request('session/refresh', { id: 'mine', force: true });
    await shows(LOGIN);
    await messages.filter({ hasText: 'Mine needs a login' }).getByRole('button', { name: 'Sign in' }).click();
    // The editor asks before it opens a terminal in a folder that is not trusted. All else works there.
    await page.getByRole('button', { name: 'Trust Folder & Continue' }).click();
    await terminal.filter({ hasText: /[$#]\smine\slogin/ }).waitFor();
    // The user presses Enter, not the extension.
    expect(existsSync(join(home, 'signed-in'))).toBe(false);
    await page.getByRole('textbox', { name: /^Terminal/ }).press('Enter');
    await expect.poll(() => existsSync(join(home, 'signed-in')), { timeout: 30_000 }).toBe(true);
    expect(readFileSync(join(home, 'signed-in'), 'utf8')).toBe(`login at ${join(home, 'work')}\n`);

    daemon.child.kill('SIGKILL');
    await shows('Keepalive is not running');
    expect(await messages.count()).toBe(0);

    onTestFinished(() => run(KEEPALIVE, ['stop'], home).then(() => undefined));
    await choose('Start Keepalive');
    await shows(LOGIN);
    // The message about this login was shown before.
    expect(await messages.count()).toBe(0);
    rmSync(join(home, 'revoked'));
    await choose('Mine', 'Refresh now');
    await shows('1 alive');
  }, 180_000);
});
