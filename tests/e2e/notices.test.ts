import { describe, expect, test } from 'vitest';
import { KEEPALIVE, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { dbusDaemon, notificationService, privateBus } from '../support/daemon/session-bus.ts';

// Without a configuration: notices are on by default.

const NONE = '✗ notify-desktop could not deliver the test notice';

describe.skipIf(!dbusDaemon)(
  `on a real session bus (${dbusDaemon ?? 'skipped: there is no dbus-daemon; Debian has it in the package dbus'})`,
  () => {
    test('a test notice appears on the desktop, until notices are switched off', async () => {
      const bus = await privateBus();
      const service = await notificationService(bus.address);
      const home = temporaryHome();
      await startDaemon(home, { env: { DBUS_SESSION_BUS_ADDRESS: bus.address } });

      const sent = await run(KEEPALIVE, ['notify', 'test'], home);
      expect(sent).toMatchObject({ code: 0, stdout: '✓ notify-desktop: the test notice was sent.\n', stderr: '' });
      expect(service.shown).toMatchObject([{ title: 'This is a test notice' }]);

      const off = await run(KEEPALIVE, ['notify', 'off'], home);
      expect(off.stdout).toContain('Notices go nowhere: notify-desktop is switched off');
      const silent = await run(KEEPALIVE, ['notify', 'test'], home);
      expect(silent).toMatchObject({ code: 1, stdout: expect.stringContaining('switched off') });
      expect(service.shown).toHaveLength(1);

      const on = await run(KEEPALIVE, ['notify', 'on', 'notify-desktop', '--json'], home);
      expect(JSON.parse(on.stdout)).toEqual([{ id: 'notify-desktop', place: 'on this desktop', status: 'on' }]);
    });
  },
);

test('on a machine without a desktop, the test notice fails and says why', async () => {
  const home = temporaryHome();
  await startDaemon(home);
  const sent = await run(KEEPALIVE, ['notify', 'test'], home);
  expect(sent).toMatchObject({ code: 1, stdout: expect.stringContaining(NONE) });
  const listed = await run(KEEPALIVE, ['notify', 'list'], home);
  expect(listed.stdout.match(/no desktop that shows notices was found/gi)).toHaveLength(1);
  expect(listed.stdout).toContain('Notices go nowhere; `keepalive status` shows them. To be notified by ntfy,');
});

test('doctor names a configured notifier that cannot work, and a wrong id gets the right ones', async () => {
  const topicFile = '/nowhere/topic';
  const home = temporaryHome({
    'keepalive.config.json': JSON.stringify({ plugins: [['notify-ntfy', { topicFile }]] }),
  });
  const { client } = await startDaemon(home);
  const findings = await client.request('doctor/run');
  expect(findings.filter(({ subject }) => subject.startsWith('notify-'))).toEqual([
    { level: 'warning', subject: 'notify-ntfy', message: expect.stringContaining('delivers no notices: ') },
  ]);
  const { code, stderr } = await run(KEEPALIVE, ['notify', 'test', 'notify-nfty'], home);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'There is no notifier "notify-nfty". Did you mean "notify-ntfy"? The notifiers are notify-desktop and notify-ntfy.',
  );
});

test('a client learns that another one has switched a notifier', async () => {
  const { client } = await startDaemon(temporaryHome());
  const changed = new Promise(resolve => void client.on('config/didChange', resolve));
  await client.request('notifier/configure', { id: 'notify-desktop', enabled: false });
  expect(await changed).toEqual({ file: null });
});
