import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Keyboard } from '../../../plugins/ui-cli/context/keyboard.ts';
import type { KernelProcess } from '../../../plugins/ui-cli/processes/spawn-kernel.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { ALIVE, FakeKernel, HOUR, LOGIN, NOW, session } from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const RECORDS = {
  claude: { displayName: 'Claude Code', state: ALIVE, expiresAt: NOW - HOUR },
  codex: { displayName: 'Codex', state: ALIVE, expiresAt: NOW + HOUR, lastSuccessAt: NOW - 2 * HOUR },
  gone: { displayName: 'Gone', state: LOGIN },
};

function homeWith(more: object = {}): string {
  const home = temporaryFolder();
  const states = { version: 1, sessions: RECORDS, notices: [], kept: ['claude', 'codex'], ...more };
  writeFileSync(join(home, 'states.json'), JSON.stringify(states));
  return home;
}

const pressing = (isEntered: boolean): Keyboard => ({
  isPresent: true,
  enter: async () => isEntered,
  listen: () => () => undefined,
});

test.each(['status', ''])('`keepalive %s` without a daemon shows what was last known, and exits 4', async line => {
  const env = { KEEPALIVE_HOME: homeWith({ stoppedAt: NOW - HOUR }), COLUMNS: '80' };
  const { exitCode, out, err } = await keepalive(line.split(' ').filter(Boolean), { env });
  expect(exitCode).toBe(4);
  expect(err).toContain('Start it with `keepalive start`');
  expect(out.split('\n')).toEqual([
    '? Keepalive is not running. It was stopped 1 h ago (11:00); this is how it',
    '  left the sessions:',
    '',
    'ID      STATE        EXPIRES          CHECKED',
    'claude  ▲ expired    expired 1 h ago',
    'codex   ○ was alive  in 1 h           2 h ago',
    '',
  ]);
});

test('`status ID` does the same for one session', async () => {
  const { exitCode, out } = await keepalive(['status', 'codex'], { env: { KEEPALIVE_HOME: homeWith() } });
  expect(exitCode).toBe(4);
  expect(out).toContain('Keepalive is not running.');
  expect(out).toContain('codex  Codex  ○ was alive');
  expect(out).not.toContain('claude');
});

test('with --json it is an error, as for every command that needs a daemon', async () => {
  const { exitCode, out } = await keepalive(['status', '--json'], { env: { KEEPALIVE_HOME: homeWith() } });
  expect(exitCode).toBe(4);
  expect(out).not.toContain('claude');
});

test('without a terminal nothing is asked', async () => {
  const { exitCode, out } = await keepalive([], { env: { KEEPALIVE_HOME: homeWith() }, keyboard: pressing(true) });
  expect(exitCode).toBe(4);
  expect(out).not.toContain('Press Enter');
});

test.each<[string, string, number, boolean]>([
  ['Enter starts a daemon', homeWith(), 0, true],
  ['Enter starts the first one too', temporaryFolder(), 0, true],
  ['anything else leaves it', homeWith(), 4, false],
])('on a terminal, %s', async (_, home, code, isEntered) => {
  let kernel: FakeKernel | undefined;
  const { exitCode, out, err } = await keepalive([], {
    env: { KEEPALIVE_HOME: home },
    terminal: { columns: 80 },
    keyboard: pressing(isEntered),
    system: {
      connect: async () => {
        if (!kernel) throw new KeepaliveError('KA_RPC_NO_DAEMON');
        return kernel.client();
      },
      spawn: async (): Promise<KernelProcess> => {
        kernel = new FakeKernel([session('codex', ALIVE)]);
        return { pid: 1, channel: kernel.channel(), release: () => undefined };
      },
    },
  });
  expect(err).toBe('');
  expect(out).toContain('Keepalive is not running.');
  expect(out).toContain('Press Enter to start it, Ctrl-C to leave.');
  expect([exitCode, kernel !== undefined]).toEqual([code, isEntered]);
});
