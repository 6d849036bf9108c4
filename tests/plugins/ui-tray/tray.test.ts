import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { OpenBackend } from '../../../plugins/ui-tray/backend.ts';
import type { Action, TrayModel } from '../../../plugins/ui-tray/model.ts';
import { showTray } from '../../../plugins/ui-tray/tray.ts';
import { createClient } from '../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { ALIVE, FakeKernel, LOGIN, MINUTE, NOW, session, type Answers } from '../ui-cli/fake-kernel.ts';
import { temporaryFolder } from '../ui-cli/run-cli.ts';

/** A screen that records what it shows. */
function fakeScreen() {
  const shown: TrayModel[] = [];
  const screen = {
    shown,
    closed: false,
    click: (_action: Action): void => undefined,
    lose: (_error: Error): void => undefined,
    last: () => shown.at(-1)?.title,
  };
  const open: OpenBackend = async ({ model, onAction }) => {
    shown.push(model);
    screen.click = onAction;
    const lost = new Promise<never>((_resolve, reject) => {
      screen.lose = reject;
    });
    return { lost, show: next => void shown.push(next), close: async () => void (screen.closed = true) };
  };
  return { ...screen, screen, open };
}

async function started(sessions: readonly Session[] = [session('claude', ALIVE)], answers: Answers = {}) {
  const kernel = new FakeKernel(sessions, answers);
  const { screen, open } = fakeScreen();
  const browsed: string[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const tray = await showTray('test', {
    open,
    now: () => NOW,
    signal: stop.signal,
    browse: async url => void browsed.push(url),
    start: async () => undefined,
    connect: async () => createClient(kernel.channel(), { reopen: async () => kernel.channel() }),
  });
  if ('absent' in tray) throw new Error(tray.absent);
  await expect.poll(() => screen.last()).not.toBe('Keepalive is not running');
  return { kernel, screen, browsed, stop, tray };
}

const asked = (kernel: FakeKernel) => kernel.asked.filter(([method]) => !method.endsWith('/list'));

describe('a click', () => {
  const schedule = { mode: 'interval', every: '1h' } as const;

  test.each<[Action, readonly unknown[]]>([
    [{ do: 'refresh', ids: ['claude'] }, [['session/refresh', { id: 'claude' }]]],
    [{ do: 'pause', ids: ['claude'] }, [['session/pause', { id: 'claude' }]]],
    [{ do: 'resume', ids: ['claude'] }, [['session/resume', { id: 'claude' }]]],
    [
      { do: 'add', plugin: 'codex', options: { id: 'codex-work' } },
      [['session/add', { plugin: 'codex', options: { id: 'codex-work' } }]],
    ],
    [
      { do: 'configure', id: 'claude', policy: { schedule } },
      [['session/configure', { id: 'claude', policy: { schedule } }]],
    ],
  ])('%j asks the kernel', async (action, expected) => {
    const { kernel, screen } = await started();
    screen.click(action);
    await expect.poll(() => asked(kernel)).toEqual(expected);
  });

  test('on Open settings shows the page in the browser', async () => {
    const file = join(temporaryFolder(), 'link.html');
    writeFileSync(file, '<form method="post" action="http://127.0.0.1:4711/open/">', { mode: 0o600 });
    const { browsed, screen } = await started(undefined, {
      'page/open': () => ({ url: 'http://127.0.0.1:4711/open/once', file }),
    });
    screen.click({ do: 'open-page' });
    await expect.poll(() => browsed).toEqual([file]);
  });

  test('on Sign in opens the page at the sign-in of that session', async () => {
    const file = join(temporaryFolder(), 'link.html');
    writeFileSync(file, '<form method="post" action="http://127.0.0.1:4711/open/">', { mode: 0o600 });
    const asked: unknown[] = [];
    const { browsed, screen } = await started(undefined, {
      'page/open': params => {
        asked.push(params);
        return { url: 'http://127.0.0.1:4711/open/once', file };
      },
    });
    screen.click({ do: 'sign-in', id: 'claude' });
    await expect.poll(() => browsed).toEqual([file]);
    expect(asked).toEqual([{ file: true, signIn: 'claude' }]);
  });

  test('on Open settings opens only a file that leads to the page of the kernel', async () => {
    const { browsed, screen } = await started(undefined, {
      'page/open': () => ({ url: 'http://127.0.0.1:4711/open/once', file: '/etc/passwd' }),
    });
    screen.click({ do: 'open-page' });
    await expect.poll(() => JSON.stringify(screen.shown.at(-1))).toContain('Nothing was opened');
    expect(browsed).toEqual([]);
  });

  test('that the kernel refuses shows the reason in the menu until the next click', async () => {
    const { screen } = await started(undefined, {
      'session/refresh': () => {
        throw new KeepaliveError('KA_RATE_LIMITED', { retryAt: NOW + MINUTE });
      },
    });
    const complaint = { label: 'It is too early for another attempt. Try again at 12:01.', enabled: false };
    screen.click({ do: 'refresh', ids: ['claude'] });
    await expect.poll(() => screen.shown.at(-1)?.items).toContainEqual(complaint);
    screen.click({ do: 'pause', ids: ['claude'] });
    await expect.poll(() => screen.shown.at(-1)?.items).not.toContainEqual(complaint);
  });

  test('on Send a test notice shows why it appeared nowhere', async () => {
    const { screen } = await started(undefined, {
      'notifier/test': () => [{ id: 'notify-desktop', delivered: false, reason: 'There is no desktop.' }],
    });
    screen.click({ do: 'test' });
    await expect
      .poll(() => JSON.stringify(screen.shown.at(-1)))
      .toContain('The test notice appeared nowhere. notify-desktop: There is');
  });

  test('on Quit ends only the tray', async () => {
    const { kernel, screen, tray } = await started();
    screen.click({ do: 'quit' });
    await tray.ended;
    expect([screen.closed, asked(kernel)]).toEqual([true, []]);
  });
});

describe('what is shown', () => {
  test('follows the notifications of the kernel, and is redrawn only if it differs', async () => {
    const sessions = [session('claude', ALIVE)];
    const { kernel, screen } = await started(sessions);
    const before = screen.shown.length;
    kernel.notify('session/didChange', sessions[0]);
    await expect.poll(() => kernel.asked.filter(([method]) => method === 'session/list')).toHaveLength(2);
    expect(screen.shown).toHaveLength(before);
    sessions[0] = session('claude', LOGIN);
    kernel.notify('session/didChange', sessions[0]);
    await expect.poll(() => JSON.stringify(screen.shown.at(-1))).toContain('login required');
  });

  test('shows that the kernel is gone, and recovers when it is back', async () => {
    const { kernel, screen } = await started();
    kernel.vanish();
    await expect.poll(() => screen.last()).toBe('Keepalive is not running');
    await vi.waitFor(() => expect(screen.last()).toBe('Keeping 1 session alive'), { timeout: 30_000 });
  });

  test('follows the other machines of a fleet', async () => {
    const machine = { version: '1.0.0', seenAt: NOW, accepts: [], notices: [] };
    const machines: FleetMachine[] = [{ ...machine, machine: 'laptop', isHere: true, sessions: [] }];
    const { kernel, screen } = await started(undefined, { 'fleet/list': () => machines });
    await expect.poll(() => kernel.asked.filter(([method]) => method === 'fleet/list')).toHaveLength(1);
    machines.push({ ...machine, machine: 'box', sessions: [session('codex', LOGIN)] });
    kernel.vanish();
    await vi.waitFor(() => expect(screen.last()).toContain('; 1 of 2 machines needs you'), { timeout: 15_000 });
    expect(screen.shown.at(-1)?.items).toContainEqual({ label: 'box: 1 of 1 needs a login', enabled: false });
  });

  test('has an item for the settings page if one is served', async () => {
    const { screen } = await started(undefined, {
      'plugin/list': () => [{ id: 'ui-web', kind: 'frontend', module: 'ui-web', status: 'loaded', loadMs: 1 }],
    });
    expect(screen.shown.at(-1)?.items).toContainEqual({ label: 'Open settings…', action: { do: 'open-page' } });
  });
});

test('a lost screen ends the tray with the reason', async () => {
  const { screen, tray } = await started();
  screen.lose(new Error('The session bus closed the connection.'));
  await expect(tray.ended).rejects.toThrow('The session bus closed');
  expect(screen.closed).toBe(true);
});

test('nothing is shown until it is known whether there is a kernel', async () => {
  const { screen } = await started();
  expect(screen.shown.map(({ title }) => title)).toEqual(['Keeping 1 session alive']);
});

test('without a kernel, Start keepalive starts it, and the reason is shown if it does not start', async () => {
  const { screen, open } = fakeScreen();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  await showTray('test', {
    open,
    now: () => NOW,
    signal: stop.signal,
    browse: async () => undefined,
    start: () => Promise.reject(new Error('The configuration is not valid.')),
    connect: (_signal, absent) => {
      absent();
      return new Promise(() => undefined);
    },
  });
  screen.click({ do: 'start' });
  const reason = { label: 'The configuration is not valid.', enabled: false };
  await expect.poll(() => screen.shown.at(-1)?.items).toContainEqual(reason);
});

test('without a kernel it says so and waits', async () => {
  const { screen, open } = fakeScreen();
  const kernel = new FakeKernel([session('claude', ALIVE)]);
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>(resolve => {
    arrive = resolve;
  });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  await showTray('test', {
    open,
    now: () => NOW,
    signal: stop.signal,
    browse: async () => undefined,
    start: async () => undefined,
    async connect(_signal, absent) {
      absent();
      await arrived;
      return kernel.client();
    },
  });
  expect(screen.shown).toEqual([expect.objectContaining({ title: 'Keepalive is not running', icon: 'away' })]);
  arrive();
  await expect.poll(() => screen.last()).toBe('Keeping 1 session alive');
});

test('a desktop without a tray is reported, and the kernel is left alone', async () => {
  const client = new FakeKernel().client();
  const close = vi.spyOn(client, 'close');
  const tray = await showTray('test', {
    open: async () => ({ absent: 'There is no session bus.' }),
    connect: async () => client,
    browse: async () => undefined,
    start: async () => undefined,
    now: () => NOW,
    signal: new AbortController().signal,
  });
  expect(tray).toEqual({ absent: 'There is no session bus.' });
  expect(close).toHaveBeenCalled();
});
