import { describe, expect, test } from 'vitest';
import { createScreen } from '../../../../plugins/ui-cli/context/screen.ts';
import type { Keyboard } from '../../../../plugins/ui-cli/context/keyboard.ts';
import { watch } from '../../../../plugins/ui-cli/watch/watch.ts';
import { createClient } from '../../../../sdk/client/client.ts';
import type { Notice } from '../../../../sdk/contract/session.ts';
import { SimulatedClock } from '../../../support/clock/simulated-clock.ts';
import { ALIVE, attempt, FAILING, FakeKernel, LOGIN, MINUTE, NOW, OFFLINE, PAUSED, session } from '../fake-kernel.ts';

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
  readonly rows?: number;
};

/** Changes are drawn together, this long after the last frame. */
const FRAME_MS = 200;

const TWO = [session('codex', ALIVE), session('claude', ALIVE)];

const WITHOUT_KEYS: Keyboard = { isPresent: false, enter: async () => false, listen: () => () => undefined };

/** A keyboard whose keys the test presses. */
function fakeKeyboard() {
  let pressed: (key: string, text: string) => void = () => undefined;
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
  return { keyboard, press: (key: string) => pressed(key, ''), isOpen: () => isOpen };
}

function watching({
  terminal = false,
  kernel = new FakeKernel(TWO),
  ids,
  keyboard = WITHOUT_KEYS,
  rows = 30,
}: Watching = {}) {
  const clock = new SimulatedClock(NOW);
  const pictures: string[] = [];
  const screen = createScreen({
    out: { write: text => void pictures.push(text), isTTY: terminal, columns: 80, rows },
    err: { write: () => undefined },
    env: { COLUMNS: '80' },
    now: clock.now,
    json: false,
    colour: false,
  });
  const enough = new AbortController();
  const quit = { about: 'leave', now: () => enough.abort() };
  const client = createClient(kernel.channel(), { reopen: async () => kernel.channel() });
  const ended = watch(client, screen, { ids, keyboard, quit, until: enough.signal, setTimer: clock.setTimer });
  return {
    kernel,
    clock,
    pictures,
    ended,
    last: () => pictures.at(-1) ?? '',
    /** What is shown once the changes so far are drawn. */
    next: async () => (await clock.run(FRAME_MS), pictures.at(-1) ?? ''),
    end: () => (enough.abort(), ended.finally(() => client.close())),
  };
}

test('a terminal shows a live view that follows every change', async () => {
  const { kernel, last, next, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  kernel.notify('session/didChange', session('codex', FAILING));
  expect(await next()).toContain('▲ failing');
  kernel.notify('session/didAttempt', attempt('codex', { outcome: 'failed', message: 'exit 1' }));
  expect(await next()).toContain('2026-03-10 11:58:00 ▲ codex failed: exit 1');
  kernel.notify('session/didChange', session('new-one', ALIVE));
  expect(await next()).toContain('new-one');
  expect((await end()).map(({ id }) => id)).toEqual(['codex', 'claude', 'new-one']);
});

test('each view replaces the previous one', async () => {
  const { kernel, last, next, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  const lines = last().split('\n').length - 1;
  kernel.notify('session/didChange', session('codex', FAILING));
  expect((await next()).startsWith(`\x1b[${lines}A\r\x1b[J`)).toBe(true);
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
  expect(pictures.join('')).toBe(
    [
      '2026-03-10 12:00:00 ▲ Codex needs a login. Run `codex login`.\n',
      '2026-03-10 11:58:00 ✓ codex renewed (touch)\n',
      '2026-03-10 12:00:00 ✓ Cleared: Codex needs a login\n',
      '2026-03-10 12:00:00 · The configuration was read again: none\n',
    ].join(''),
  );
});

test('elsewhere lines that come together are one write, the first at once', async () => {
  const { kernel, clock, pictures, end } = watching();
  await expect.poll(() => kernel.asked.map(([method]) => method)).toContain('notice/list');
  for (let at = 0; at < 100; at++) {
    kernel.notify('session/didAttempt', attempt('codex'));
    await clock.run(10);
  }
  expect(pictures[0]).toBe('2026-03-10 11:58:00 ✓ codex renewed (touch)\n');
  await end();
  expect(pictures.join('').trimEnd().split('\n')).toHaveLength(100);
  expect(pictures.length).toBeLessThanOrEqual(12);
});

test('a single session can be watched', async () => {
  const { kernel, last, next, end } = watching({ terminal: true, ids: ['claude'] });
  await expect.poll(last).toContain('claude');
  kernel.notify('session/didAttempt', attempt('codex'));
  kernel.notify('notice/didRaise', NOTICE);
  expect(await next()).not.toContain('codex');
  await end();
});

test('a lost daemon is reported, and waited for', async () => {
  const { kernel, last, next, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  kernel.vanish();
  expect(await next()).toContain('The daemon does not answer');
  await expect.poll(next, { timeout: 30_000 }).not.toContain('The daemon does not answer');
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
  const { kernel, pictures, last, next, end } = watching({ terminal: true });
  await expect.poll(last).toContain('● alive');
  const before = pictures.length;
  kernel.notify('session/didChange', session('codex', ALIVE));
  await next();
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
    const { last, next, end } = watching({ terminal: true, keyboard });
    await expect.poll(last).toContain('? help');
    press('j');
    expect(await next()).toMatch(/^› {2}codex/m);
    press('?');
    expect(await next()).toContain('pause the selected session, or resume it');
    press('?');
    expect(await next()).not.toContain('pause the selected session, or resume it');
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

describe('notices', () => {
  test('change the session that they are about, without loading everything again', async () => {
    const { kernel, last, next, end } = watching({ terminal: true });
    await expect.poll(last).toContain('● alive');
    kernel.notify('notice/didRaise', { ...NOTICE, level: 'warning', title: 'A tool: the login ends within a day' });
    expect(await next()).toContain('▲ 1 of 2 sessions needs you');
    kernel.notify('notice/didClear', NOTICE);
    expect(await next()).not.toContain('needs you');
    expect(kernel.asked.filter(([method]) => method === 'session/list')).toHaveLength(1);
    await end();
  });

  test('about a plugin load everything again, once for all that come together', async () => {
    const { kernel, last, next, end } = watching({ terminal: true });
    await expect.poll(last).toContain('● alive');
    for (const id of ['a', 'b', 'c', 'd'])
      kernel.notify('notice/didRaise', { ...NOTICE, id, session: id, code: 'plugin-failed' });
    await next();
    expect(kernel.asked.filter(([method]) => method === 'session/list')).toHaveLength(3);
    await end();
  });
});

test('a session that changes while the overview is loaded is shown as it is then', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>(resolve => {
    answer = resolve;
  });
  const kernel = new FakeKernel(TWO, { 'notice/list': () => answered.then(() => []) });
  const { last, end } = watching({ terminal: true, kernel });
  await expect.poll(() => kernel.asked.map(([method]) => method)).toContain('kernel/info');
  kernel.notify('session/didChange', session('codex', FAILING));
  answer();
  await expect.poll(last).toContain('▲ failing');
  await end();
});

describe('with 10,000 sessions', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => session(`s${at}`, ALIVE));

  test('draws at most 5 frames a second, and the last change', async () => {
    const { kernel, clock, pictures, last, end } = watching({ terminal: true, kernel: new FakeKernel(many) });
    await expect.poll(last).toContain('● alive');
    const before = pictures.length;
    for (let at = 0; at < 300; at++) {
      kernel.notify('session/didChange', session(`s${at}`, FAILING));
      await clock.run(10);
    }
    const drawn = pictures.length - before;
    expect(drawn).toBeGreaterThan(10);
    expect(drawn).toBeLessThanOrEqual(15);
    await clock.run(FRAME_MS);
    expect(last()).toContain('▲ 300 of 10000 sessions need you');
    await end();
  });

  test('draws only lines that fit', async () => {
    const { last, end } = watching({ terminal: true, kernel: new FakeKernel(many), rows: 24 });
    await expect.poll(last).toContain('● alive');
    expect(last().trimEnd().split('\n')).toHaveLength(23);
    expect(last()).toMatch(/^… 99\d\d more sessions$/m);
    await end();
  });

  test('an end that passes is shown when it does, also of a session that is out of sight', async () => {
    const kernel = new FakeKernel(many.with(9_999, session('s9999', OFFLINE, { expiresAt: NOW + 15 * MINUTE })));
    const { clock, last, end } = watching({ terminal: true, kernel });
    await expect.poll(last).toContain('● All 10000 good until 12:15');
    await clock.run(15 * MINUTE - 1);
    expect(last()).not.toContain('expired');
    await clock.run(1);
    expect(last()).toMatch(/✗ 1 of 10000 sessions needs you\n\n.*\ns9999 .* expired/);
    await end();
  });

  test('keys go through all of them', async () => {
    const { keyboard, press } = fakeKeyboard();
    const { last, next, end } = watching({ terminal: true, kernel: new FakeKernel(many), keyboard, rows: 24 });
    await expect.poll(last).toContain('● alive');
    press('end');
    expect(await next()).toMatch(/^› {2}s9999 .*\n… \d+ more above$/m);
    press('pageup');
    press('up');
    expect(await next()).toMatch(/^… \d+ more above, \d+ below$/m);
    press('home');
    expect(await next()).toMatch(/^› {2}s0 /m);
    press('pagedown');
    expect(await next()).toMatch(/^› {2}s1\d /m);
    await end();
  });

  test('without a terminal nothing is rendered', async () => {
    const { kernel, clock, pictures, end } = watching({ kernel: new FakeKernel(many) });
    await expect.poll(() => kernel.asked.map(([method]) => method)).toContain('notice/list');
    for (let at = 0; at < 100; at++) kernel.notify('session/didChange', session(`s${at}`, FAILING));
    await clock.run(10 * MINUTE);
    expect(pictures).toEqual([]);
    expect((await end()).filter(({ state }) => state.name === 'waiting')).toHaveLength(100);
  });
});
