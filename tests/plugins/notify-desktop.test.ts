import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import notifyDesktop from '../../plugins/notify-desktop/index.ts';
import { freedesktop } from '../../plugins/notify-desktop/linux.ts';
import { macos } from '../../plugins/notify-desktop/macos.ts';
import { windows } from '../../plugins/notify-desktop/windows.ts';
import { fakeContext } from '../../sdk/testing/index.ts';
import { notice } from '../support/notice.ts';
import { dbusDaemon, notificationService, privateBus } from '../support/daemon/session-bus.ts';

const run = promisify(execFile);
const BUILT = new URL('../../dist/plugins/notify-desktop/index.js', import.meta.url).href;
const NASTY = 'it\'s "x" $(id) `id` %PATH% \' with title "y" ü';
const DISPLAYED = notice({ title: NASTY, body: 'One & <b>two</b>', action: 'Three' });

describe.skipIf(!dbusDaemon)(
  `on a real session bus (${dbusDaemon ?? 'skipped: there is no dbus-daemon; Debian has it in the package dbus'})`,
  () => {
    async function desktop(options: Parameters<typeof notificationService>[1] = {}) {
      const bus = await privateBus();
      const service = await notificationService(bus.address, options);
      return { bus, service, notifier: notifyDesktop({}, freedesktop(bus.address)), context: fakeContext() };
    }

    test('a notice is shown verbatim, and withdrawn when its cause has ended', async () => {
      const { service, notifier, context } = await desktop();
      await notifier.raise(DISPLAYED, context);
      expect(service.shown).toMatchObject([{ title: NASTY, text: 'One & <b>two</b>\nThree', urgency: 2 }]);
      await notifier.clear?.(DISPLAYED, context);
      expect(service.shown).toEqual([]);
      expect(context.calls.log).toEqual([]);
    });

    test('a receipt withdraws a notice, and a digest with the last of its notices', async () => {
      const { service, notifier, context } = await desktop();
      const notices = [notice(), notice({ id: 'other' })];
      const receipts = [await notifier.raise(notice(), context), await notifier.raiseMany?.(notices, context)];
      expect(service.shown.map(({ title }) => title)).toEqual(['Codex needs a login', '2 sessions need a login']);
      for (const receipt of receipts) await notifier.clear?.(notice(), context, receipt ?? 'none');
      expect(service.shown).toEqual([]);
    });

    test('the connection does not keep a process running', async () => {
      const { bus } = await desktop();
      const program = `
        const { default: notifyDesktop } = await import(${JSON.stringify(BUILT)});
        const signal = new AbortController().signal;
        const other = setTimeout(() => {}, 5_000); // the daemon, which runs while a notice is shown
        console.log(await notifyDesktop().unavailable({ signal }));
        clearTimeout(other);`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
        timeout: 10_000,
        env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address },
      });
      expect(stdout).toBe('undefined\n');
    });

    test('a desktop that reads markup gets escaped text', async () => {
      const { service, notifier, context } = await desktop({ capabilities: ['body', 'body-markup'] });
      await notifier.raise(DISPLAYED, context);
      expect(service.shown).toMatchObject([{ title: NASTY, text: 'One &amp; &lt;b&gt;two&lt;/b&gt;\nThree' }]);
    });

    test('a repeated notice replaces the previous one, and others stay', async () => {
      const { service, notifier, context } = await desktop();
      await notifier.raise(notice(), context);
      await notifier.raise(notice({ id: 'other', level: 'warning' }), context);
      await notifier.raise(notice({ title: 'Again' }), context);
      expect(service.shown.map(({ title, urgency }) => [title, urgency])).toEqual([
        ['Codex needs a login', 1],
        ['Again', 2],
      ]);
    });

    test('clearing a notice that was closed or never shown is not an error', async () => {
      const { service, notifier, context } = await desktop();
      await notifier.raise(notice(), context);
      await notifier.clear?.(notice(), context);
      await notifier.clear?.(notice(), context);
      await notifier.clear?.(notice({ id: 'never' }), context);
      expect(service.calls.filter(call => call === 'CloseNotification')).toHaveLength(1);
      expect(context.calls.log).toEqual([]);
    });

    test("after the service has restarted, another program's notice is not withdrawn", async () => {
      const { bus, service, notifier, context } = await desktop();
      await notifier.raise(notice(), context);
      await service.leave();
      const next = await notificationService(bus.address);
      await notifier.raise(notice({ id: 'other' }), context);
      await notifier.clear?.(notice(), context);
      expect(next.shown).toHaveLength(1);
      expect(next.calls).not.toContain('CloseNotification');
    });

    test('a missing service makes the notice fail, and the next one works when the service is back', async () => {
      const { bus, service, notifier, context } = await desktop();
      expect(await notifier.unavailable?.(context)).toBeUndefined();
      await service.leave();
      await expect(notifier.raise(notice(), context)).rejects.toBeInstanceOf(Error);
      expect(await notifier.unavailable?.(context)).toBe('No desktop that shows notices was found.');
      const next = await notificationService(bus.address);
      await notifier.raise(notice(), context);
      expect(next.shown).toHaveLength(1);
    });

    test('a call to a service that never answers ends when the signal is aborted', async () => {
      const { service, notifier } = await desktop({ silent: true });
      const limit = new AbortController();
      const context = fakeContext({ signal: limit.signal });
      const raising = notifier.raise(notice(), context);
      await expect.poll(() => service.calls).toEqual(['GetCapabilities']);
      limit.abort();
      await expect(raising).rejects.toBeInstanceOf(Error);
    });

    test('it reconnects after the desktop session has ended and another one has begun', async () => {
      const { bus, notifier, context } = await desktop();
      await notifier.raise(notice(), context);
      await bus.stop();
      await expect(notifier.raise(notice(), context)).rejects.toBeInstanceOf(Error);
      const { shown } = await notificationService((await privateBus(bus.folder)).address);
      await notifier.raise(notice(), context);
      expect(shown).toHaveLength(1);
    });
  },
);

test('without a session bus it is unavailable, and a notice fails', async () => {
  const context = fakeContext();
  const notifier = notifyDesktop({}, freedesktop('unix:path=/nowhere/at/all'));
  expect(await notifier.unavailable?.(context)).toBe('No desktop that shows notices was found.');
  await expect(notifier.raise(notice(), context)).rejects.toBeInstanceOf(Error);
  await notifier.clear?.(notice(), context);
});

test('on macOS the texts are arguments of a constant script', async () => {
  const context = fakeContext({ exec: () => ({}) });
  await notifyDesktop({}, macos).raise(DISPLAYED, context);
  await notifyDesktop({}, macos).raise(notice(), context);
  const [first, second] = context.calls.exec;
  expect(first?.program).toBe('osascript');
  expect(first?.args.slice(-3)).toEqual(['Session Keepalive', NASTY, 'One & <b>two</b>\nThree']);
  expect(first?.args.slice(0, -3)).toEqual(second?.args.slice(0, -3));
});

test('on Windows the texts are ASCII on the standard input of a constant script', async () => {
  const context = fakeContext({ exec: () => ({}) });
  await notifyDesktop({}, windows).raise({ ...DISPLAYED, body: 'long '.repeat(100) }, context);
  await notifyDesktop({}, windows).raise(notice({ body: '', action: undefined }), context);
  const [first, second] = context.calls.exec;
  expect(first?.program).toBe('powershell.exe');
  expect(first?.args).toEqual(second?.args);
  expect(first?.options.input).toMatch(/^[\x20-\x7e]+$/);
  const { title, text, icon } = JSON.parse(first?.options.input ?? '');
  expect([title, text.length, icon]).toEqual([NASTY, 255, 'Error']);
  expect(JSON.parse(second?.options.input ?? '').text).toBe('Codex needs a login');
});

test.each([
  ['macOS', macos],
  ['Windows', windows],
])('on %s, a notice fails without the program', async (_name, desktop) => {
  const context = fakeContext({ exec: () => ({ exitCode: 1 }) });
  const notifier = notifyDesktop({ id: 'here' }, desktop);
  await expect(notifier.raise(notice(), context)).rejects.toMatchObject({ code: 'KA_PROGRAM_FAILED' });
  await notifier.clear?.(notice(), context);
  expect(notifier.id).toBe('here');
});
