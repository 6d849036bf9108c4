import { expect, test } from 'vitest';
import { checkFleet } from '../../../kernel/diagnostics/fleet-checks.ts';
import { checkSharedLogin } from '../../../kernel/diagnostics/session-checks.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import { notice } from '../../support/notice.ts';
import { ALIVE, HOUR, NOW, session } from '../../plugins/ui-cli/fake-kernel.ts';

const machine = (name: string, more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: name,
  version: '1.0.0',
  seenAt: NOW,
  accepts: [],
  sessions: [],
  notices: [],
  ...more,
});
const here = machine('laptop', { isHere: true, accepts: ['refresh', 'login'] });

async function findings(list: () => readonly FleetMachine[], notices = [notice()]): Promise<readonly string[]> {
  const found = await checkFleet({ list, notices, now: NOW });
  return found.map(({ level, message, action }) => `${level}: ${message}${action === undefined ? '' : ` → ${action}`}`);
}

const fails =
  (code: 'KA_FLEET_UNREACHABLE' | 'KA_PLUGIN_NOT_FOUND', details = {}) =>
  () => {
    throw new KeepaliveError(code, details);
  };

test('without a fleet there is no finding', async () => {
  expect(await checkFleet({ list: undefined, notices: [], now: NOW })).toEqual([]);
});

test('a fleet that is reached: the name of this machine, what it accepts, and how many there are', async () => {
  expect(await findings(() => [here, machine('box')])).toEqual([
    'ok: laptop is connected, and accepts refresh and login from others; 2 machines',
  ]);
});

test('silent machines, and those of another version, have a finding', async () => {
  const old = machine('ci', { isSilent: true, seenAt: NOW - 2 * HOUR, version: '0.9.0' });
  expect((await findings(() => [here, old])).slice(1)).toEqual([
    'warning: ci is silent, last heard 2 h ago → ' +
      'Start Keepalive there. If the machine is gone, docs/fleet.md says how to remove it',
    'info: other versions: ci 0.9.0',
  ]);
});

test('before the first heartbeat, this machine is not there', async () => {
  expect(await findings(() => [])).toEqual(['info: this machine has not shown itself yet']);
});

test('a database that is not reached: why, and what the notice says to do', async () => {
  const unreachable = fails('KA_FLEET_UNREACHABLE', { reason: 'another daemon uses the name of this machine' });
  const raised = notice({ code: 'fleet-unreachable', session: 'keepalive', action: 'Give it another name.' });
  const message = 'warning: the database is not reached: another daemon uses the name of this machine';
  expect(await findings(unreachable)).toEqual([`${message} → It is tried again by itself`]);
  expect(await findings(unreachable, [raised])).toEqual([`${message} → Give it another name.`]);
});

test('a plugin of the fleet that cannot be used is an error', async () => {
  expect(await findings(fails('KA_PLUGIN_NOT_FOUND'))).toEqual([expect.stringMatching(/^error: /)]);
});

test('a login that another machine holds has a finding on both machines', () => {
  const shared = { session: 'box/copy', holder: 'own' };
  expect(checkSharedLogin(session('own', ALIVE, { shared }))).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: 'keeps the same login alive as "box/copy" holds, which waits',
    }),
  ]);
  expect(checkSharedLogin(session('own', ALIVE, { shared: { session: 'copy', holder: 'own' } }))).toEqual([]);
  const waiting = checkSharedLogin(session('copy', ALIVE, { shared: { session: 'laptop/own', holder: 'laptop/own' } }));
  expect(waiting).toEqual([
    expect.objectContaining({ message: 'holds the same login as "laptop/own", which keeps it alive' }),
  ]);
});
