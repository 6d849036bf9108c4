import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  environment,
  KEEPALIVE,
  PLUGIN,
  run,
  startDaemon,
  temporaryHome,
  untilSession,
} from '../../support/daemon/daemon.ts';
import { Panel, type Entry } from '../../support/daemon/panel.ts';
import { onTestFinished } from '../../support/running-test.ts';
import { dbusDaemon, privateBus } from '../../support/daemon/session-bus.ts';
import { ROOT } from '../../support/sources.ts';

const MAIN = join(ROOT, 'dist/plugins/ui-tray/process/main.js');
const PATIENT = { timeout: 25_000 };

const homeWith = (options: object = {}, plugins: readonly unknown[] = []) =>
  temporaryHome({
    'keepalive.config.json': JSON.stringify({
      plugins: [['./mine.mjs', options], ...plugins],
      policy: { minInterval: '100ms' },
    }),
    'mine.mjs': PLUGIN,
  });
const LOGIN = { answer: { status: 'login-required', hint: 'Run `mine login`.', proof: 'refused' } };

/** The real program of the tray; it ends with the test. */
function startTray(home: string, address: string, more: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN], {
    env: environment(home, { DBUS_SESSION_BUS_ADDRESS: address, ...more }),
    stdio: 'ignore',
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

const labels = (entries: readonly Entry[]) => entries.map(({ label }) => label);

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux || !dbusDaemon)(
  `on a session bus (${dbusDaemon ?? 'skipped: there is no dbus-daemon; Debian has it in the package dbus'})`,
  { concurrent: true },
  () => {
    test('a panel reads the menu, a click refreshes the session, and the menu follows', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const home = homeWith();
      const daemon = await startDaemon(home);
      await untilSession(
        daemon,
        'mine',
        ({ state, lastAttempt }) => state.name === 'alive' && lastAttempt !== undefined,
      );
      startTray(home, address);
      const icon = await panel.icon();
      await vi.waitFor(
        async () =>
          expect(labels(await panel.menu(icon))).toEqual([
            'Keeping 1 session alive',
            '—',
            expect.stringMatching(/^Mine: alive, next attempt (at|tomorrow) \d\d:\d\d$/),
            '—',
            'Open settings…',
            'Notices',
            '—',
            'Quit tray (sessions stay alive)',
          ]),
        PATIENT,
      );
      await panel.click(icon, 'Mine', 'Refresh now');
      await untilSession(daemon, 'mine', ({ lastAttempt }) => lastAttempt?.reason === 'manual');

      const before = panel.revisions.length;
      await panel.click(icon, 'Mine', 'Schedule', 'Every hour');
      await untilSession(
        daemon,
        'mine',
        ({ policy: { schedule } }) => schedule.mode === 'interval' && schedule.every === '1h',
      );
      await vi.waitFor(async () => {
        const schedules = (await panel.menu(icon))
          .find(({ label }) => label.startsWith('Mine'))
          ?.entries.find(({ label }) => label.startsWith('Schedule'))?.entries;
        expect(schedules?.filter(({ checked }) => checked).map(({ label }) => label)).toEqual(['Every hour']);
      }, PATIENT);
      expect(panel.revisions.length).toBeGreaterThan(before);
    });

    test('the icon asks for attention only if the user is needed', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const home = homeWith(LOGIN);
      startTray(home, address);
      const icon = await panel.icon();
      const quiet = await panel.property(icon, 'IconPixmap');
      expect(await panel.property(icon, 'Status')).toBe('Active');
      await startDaemon(home);
      await vi.waitFor(async () => expect(await panel.property(icon, 'Status')).toBe('NeedsAttention'), PATIENT);
      expect(await panel.property(icon, 'IconPixmap')).not.toEqual(quiet);
      expect(await panel.property(icon, 'Title')).toBe('1 of 1 session needs you');
      const mine = (await panel.menu(icon)).find(({ label }) => label === 'Mine: login required');
      expect(mine?.entries[0]).toMatchObject({ label: 'refused. Run `mine login`.', enabled: false });
    });

    test('panels may start before or after it', async () => {
      const { address } = await privateBus();
      const { ended } = startTray(homeWith(), address);
      const panel = await Panel.start(address);
      const icon = await panel.icon();
      await panel.restart();
      expect(await panel.icon()).toBe(icon);
      await panel.click(icon, 'Quit');
      expect(await ended).toBe(0);
    });

    test('it follows the daemon through a restart', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const home = homeWith();
      startTray(home, address);
      const icon = await panel.icon();
      expect(labels(await panel.menu(icon))).toEqual([
        'Keepalive is not running',
        'No session is kept alive',
        '—',
        'Start keepalive',
        '—',
        'Quit tray',
      ]);
      const isAlive = async () =>
        expect(labels(await panel.menu(icon))).toContainEqual(expect.stringMatching(/^Mine: alive/));
      const first = await startDaemon(home);
      await vi.waitFor(isAlive, PATIENT);
      first.child.kill('SIGKILL');
      await vi.waitFor(
        async () => expect(await panel.property(icon, 'Title')).toBe('Keepalive is not running'),
        PATIENT,
      );
      const { client } = await startDaemon(home);
      await vi.waitFor(isAlive, PATIENT);
      await panel.click(icon, 'Mine', 'Pause');
      await untilSession({ client }, 'mine', ({ state }) => state.name === 'halted' && state.why === 'paused');
    });

    test('panels that do not open the menu by a click open the settings page', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const home = homeWith({}, ['ui-web']);
      await startDaemon(home);
      const browser = join(home, 'xdg-open');
      writeFileSync(
        browser,
        `#!/bin/sh\nprintf %s "$1" > "${home}/opened.tmp" && mv "${home}/opened.tmp" "${home}/opened"\n`,
        { mode: 0o755 },
      );
      startTray(home, address, { PATH: [home, '/usr/bin', '/bin'].join(delimiter) });
      const icon = await panel.icon();
      await vi.waitFor(async () => expect(labels(await panel.menu(icon))).toContain('Open settings…'), PATIENT);
      await panel.activate(icon);
      await vi.waitFor(
        () => expect(readFileSync(join(home, 'opened'), 'utf8')).toMatch(/^\/.*\/keepalive-ui-[\w-]+\.html$/),
        PATIENT,
      );
    });

    test('there is one tray per home, and `keepalive tray` says so', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const home = homeWith();
      const env = { DBUS_SESSION_BUS_ADDRESS: address };
      const first = await run(KEEPALIVE, ['tray', '--json'], home, env);
      const { pid, ...said } = JSON.parse(first.stdout);
      onTestFinished(() => void process.kill(pid, 'SIGKILL'));
      expect([first.code, said]).toEqual([0, { shown: true }]);
      const second = await run(KEEPALIVE, ['tray'], home, env);
      expect([second.code, second.stdout]).toEqual([0, 'The tray is already shown.\n']);
      expect(panel.registered).toEqual([`org.kde.StatusNotifierItem-${pid}-1`]);
    });

    test('as a plugin it starts with the daemon, and ends with it even if that is killed', async () => {
      const { address } = await privateBus();
      const panel = await Panel.start(address);
      const { child } = await startDaemon(homeWith({}, ['ui-tray']), { env: { DBUS_SESSION_BUS_ADDRESS: address } });
      const icon = await panel.icon();
      await vi.waitFor(
        async () => expect(labels(await panel.menu(icon))).toContainEqual(expect.stringMatching(/^Mine: alive/)),
        PATIENT,
      );
      child.kill('SIGKILL');
      await vi.waitFor(async () => expect(await panel.isThere(icon)).toBe(false), PATIENT);
    });

    test('if the bus ends, it exits with an error, so that it is restarted', async () => {
      const bus = await privateBus();
      const panel = await Panel.start(bus.address);
      const { ended } = startTray(homeWith(), bus.address);
      await panel.icon();
      await bus.stop();
      expect(await ended).toBe(1);
    });
  },
);

test.runIf(isLinux)('without a session bus it exits with a hint, and without an error', async () => {
  const home = homeWith();
  const nowhere = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'no-bus')}` };
  const { code, stderr } = await run(MAIN, [], home, nowhere);
  expect([code, stderr]).toEqual([0, expect.stringContaining('There is no session bus')]);
  const command = await run(KEEPALIVE, ['tray'], home, nowhere);
  expect([command.code, command.stdout]).toEqual([0, expect.stringContaining('There is no session bus')]);
});
