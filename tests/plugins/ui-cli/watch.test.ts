import { describe, expect, test } from 'vitest';
import { createScreen } from '../../../plugins/ui-cli/context/screen.ts';
import type { Keyboard } from '../../../plugins/ui-cli/context/keyboard.ts';
import { EMPTY } from '../../../plugins/ui-cli/watch/model.ts';
import { renderWatch } from '../../../plugins/ui-cli/watch/render.ts';
import { plain } from '../../../plugins/ui-cli/render/view.ts';
import { watch } from '../../../plugins/ui-cli/watch/watch.ts';
import { createClient } from '../../../sdk/client/client.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { ALIVE, attempt, FAILING, FakeKernel, LOGIN, NOW, PAUSED, session } from './fake-kernel.ts';

const NOTICE: Notice = {
  id: 'codex:login',
  session: 'codex',
  level: 'error',
  code: 'login-required',
  raisedAt: NOW,
  title: 'Codex needs a login',
  body: 'Run `codex login`.',
};

type Watching = {
  readonly keyboard?: Keyboard;
  readonly terminal?: boolean;
  readonly kernel?: FakeKernel;
  readonly ids?: readonly string[];
};

const TWO = [session('codex', ALIVE), session('claude', ALIVE)];

const WITHOUT_KEYS: Keyboard = { isPresent: false, enter: async () => false, listen: () => () => undefined };

/** A keyboard whose keys the test presses. */
function fakeKeyboard() {
  let pressed: (key: string) => void = () => undefined;
  let isOpen = false;
  const keyboard: Keyboard = {
    isPresent: true,
    enter: async () => false,
    listen: onKey => {
      pressed = onKey;
      isOpen = true;
      return () => {
        isOpen = false;
      };
    },
  };
  return { keyboard, press: (key: string) => pressed(key), isOpen: () => isOpen };
}

function watching({ terminal = false, kernel = new FakeKernel(TWO), ids, keyboard = WITHOUT_KEYS }: Watching = {}) {
  const pictures: string[] = [];
  const screen = createScreen({
    out: { write: text => void pictures.push(text), isTTY: terminal, columns: 80, rows: 30 },
    err: { write: () => undefined },
    env: { COLUMNS: '80' },
    now: () => NOW,
    json: false,
    colour: false,
  });
  const enough = new AbortController();
  const quit = { about: 'leave', now: () => enough.abort() };
  const client = createClient(kernel.channel(), { reopen: async () => kernel.channel() });
  const ended = watch(client, screen, { ids, keyboard, quit, until: enough.signal });
  return {
    kernel,
    pictures,
    ended,
    last: () => pictures.at(-1) ?? '',
    end: () => (enough.abort(), ended.finally(() => client.close())),
  };
}

test('a terminal shows a live view that follows every change', async () => {
  const { kernel, last, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  kernel.notify('session/didChange', session('codex', FAILING));
  expect(last()).toContain('▲ failing');
  kernel.notify('session/didAttempt', attempt('codex', { outcome: 'failed', message: 'exit 1' }));
  expect(last()).toContain('2026-03-10 11:58:00 ▲ codex failed: exit 1');
  kernel.notify('session/didChange', session('new-one', ALIVE));
  expect(last()).toContain('new-one');
  expect((await end()).map(({ id }) => id)).toEqual(['codex', 'claude', 'new-one']);
});

test('each view replaces the previous one', async () => {
  const { kernel, pictures, last, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  const lines = last().split('\n').length - 1;
  kernel.notify('session/didChange', session('codex', FAILING));
  expect(pictures.at(-1)?.startsWith(`\x1b[${lines}A\r\x1b[J`)).toBe(true);
  await end();
});

test('elsewhere it prints a line for each attempt and notice, starting with the current notices', async () => {
  const kernel = new FakeKernel([session('codex', LOGIN)], { 'notice/list': () => [NOTICE] });
  const { pictures, end } = watching({ kernel });
  await expect.poll(() => pictures).toHaveLength(1);
  kernel.notify('session/didChange', session('codex', ALIVE));
  kernel.notify('session/didAttempt', attempt('codex'));
  kernel.notify('notice/didClear', NOTICE);
  kernel.notify('config/didChange', { file: null });
  await end();
  expect(pictures).toEqual([
    '2026-03-10 12:00:00 ▲ Codex needs a login. Run `codex login`.\n',
    '2026-03-10 11:58:00 ✓ codex renewed (touch)\n',
    '2026-03-10 12:00:00 ✓ Cleared: Codex needs a login\n',
    '2026-03-10 12:00:00 · The configuration was read again: none\n',
  ]);
});

test('a single session can be watched', async () => {
  const { kernel, last, end } = watching({ terminal: true, ids: ['claude'] });
  await expect.poll(last).toContain('claude');
  kernel.notify('session/didAttempt', attempt('codex'));
  kernel.notify('notice/didRaise', NOTICE);
  expect(last()).not.toContain('codex');
  await end();
});

test('a lost daemon is reported, and waited for', async () => {
  const { kernel, last, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  kernel.vanish();
  expect(last()).toContain('The daemon does not answer');
  await expect.poll(last, { timeout: 5_000 }).not.toContain('The daemon does not answer');
  await end();
});

test('the headline is on top, and what needs the user first', async () => {
  const { last, end } = watching({
    terminal: true,
    kernel: new FakeKernel([session('claude', ALIVE), session('codex', LOGIN)]),
  });
  await expect.poll(last).toContain('✗ 1 of 2 sessions needs you');
  expect(last().indexOf('codex')).toBeLessThan(last().indexOf('claude'));
  await end();
});

test('a view in which nothing has changed is not drawn again', async () => {
  const { kernel, pictures, last, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  const before = pictures.length;
  kernel.notify('session/didChange', session('codex', ALIVE));
  expect(pictures).toHaveLength(before);
  await end();
});

describe('keys', () => {
  const asked = (kernel: FakeKernel) =>
    kernel.asked.filter(([method]) => /refresh|pause|resume/.test(method)).map(([method, params]) => [method, params]);

  test.each<[string, readonly string[], readonly unknown[]]>([
    [
      'r refreshes all',
      ['r'],
      [
        ['session/refresh', { id: 'codex' }],
        ['session/refresh', { id: 'claude' }],
      ],
    ],
    ['r refreshes the selected one', ['down', 'j', 'r'], [['session/refresh', { id: 'claude' }]]],
    ['p pauses the selected one', ['j', 'p'], [['session/pause', { id: 'codex' }]]],
    ['p asks for a selection first', ['p'], []],
    ['Esc selects none', ['j', 'escape', 'p'], []],
  ])('%s', async (_, keys, requests) => {
    const { keyboard, press } = fakeKeyboard();
    const { kernel, last, end } = watching({ terminal: true, keyboard });
    await expect.poll(last).toContain('● alive');
    keys.forEach(press);
    await end();
    expect(asked(kernel)).toEqual(requests);
  });

  test('p resumes a paused session', async () => {
    const { keyboard, press } = fakeKeyboard();
    const { kernel, last, end } = watching({
      terminal: true,
      keyboard,
      kernel: new FakeKernel([session('web', PAUSED)]),
    });
    await expect.poll(last).toContain('paused');
    press('p');
    await end();
    expect(asked(kernel)).toEqual([['session/resume', { id: 'web' }]]);
  });

  test('the selected row is marked, and ? shows what the keys do', async () => {
    const { keyboard, press } = fakeKeyboard();
    const { last, end } = watching({ terminal: true, keyboard });
    await expect.poll(last).toContain('? help');
    press('j');
    expect(last()).toMatch(/^› {2}codex/m);
    press('?');
    expect(last()).toContain('pause the selected session, or resume it');
    press('?');
    expect(last()).not.toContain('pause the selected session, or resume it');
    await end();
  });

  test('q ends the view, and gives the terminal back', async () => {
    const { keyboard, press, isOpen } = fakeKeyboard();
    const { last, ended, end } = watching({ terminal: true, keyboard });
    await expect.poll(last).toContain('q leave');
    expect(isOpen()).toBe(true);
    press('q');
    await ended;
    expect(isOpen()).toBe(false);
    await end();
  });

  test('without a terminal none are read', async () => {
    const { keyboard, isOpen } = fakeKeyboard();
    const { kernel, end } = watching({ keyboard });
    await expect.poll(() => kernel.asked.map(([method]) => method)).toContain('notice/list');
    expect(isOpen()).toBe(false);
    await end();
  });
});

test('more sessions than rows: the selected one and the keys stay in sight', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `s${index}`);
  const model = { ...EMPTY, connected: true, sessions: ids.map(id => session(id, ALIVE)), selected: 's45' };
  const heading = { quit: { about: 'leave; keepalive goes on', now: () => undefined }, hasKeys: true };
  const lines = renderWatch(model, heading, { now: NOW, width: 80, height: 23, paint: plain }).split('\n');
  expect(lines).toHaveLength(23);
  expect(lines.some(line => line.startsWith('›  s45'))).toBe(true);
  expect(lines).toContainEqual(expect.stringMatching(/^ +ID +STATE/));
  expect(lines.at(-3)).toMatch(/^… \d+ more lines$/);
  expect(lines.at(-1)).toBe('q leave · r refresh now · p pause or resume · ↑↓ select · ? help');
});
