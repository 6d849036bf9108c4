import { expect, test } from 'vitest';
import { createScreen } from '../../../plugins/ui-cli/context/screen.ts';
import { watch } from '../../../plugins/ui-cli/watch/watch.ts';
import { createClient } from '../../../sdk/client/client.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { ALIVE, attempt, FAILING, FakeKernel, LOGIN, NOW, session } from './fake-kernel.ts';

const NOTICE: Notice = {
  id: 'codex:login',
  session: 'codex',
  level: 'error',
  code: 'login-required',
  raisedAt: NOW,
  title: 'Codex needs a login',
  body: 'Run `codex login`.',
};

type Watching = { readonly terminal?: boolean; readonly kernel?: FakeKernel; readonly ids?: readonly string[] };

const TWO = [session('codex', ALIVE), session('claude', ALIVE)];

function watching({ terminal = false, kernel = new FakeKernel(TWO), ids }: Watching = {}) {
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
  const client = createClient(kernel.channel(), { reopen: async () => kernel.channel() });
  const ended = watch(client, screen, { ids, heading: 'Ctrl-C ends this.', until: enough.signal });
  return {
    kernel,
    pictures,
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
  kernel.notify('session/didChange', session('codex', ALIVE));
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
    '2026-03-10 12:00:00 ▲ Codex needs a login: Run `codex login`.\n',
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
