import { expect, test } from 'vitest';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session } from '../../../sdk/contract/session.ts';
import { fleetHeadline, machineHeadline, machinesWorstFirst } from '../../../sdk/wording/fleet.ts';
import { notice } from '../../support/notice.ts';
import {
  ALIVE,
  FAILING,
  GAVE_UP,
  HOUR,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
} from '../../plugins/ui-cli/fake-kernel.ts';

const machine = (name: string, sessions: readonly Session[], more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: name,
  version: '1.0.0',
  seenAt: NOW - 3 * MINUTE,
  accepts: [],
  sessions,
  notices: [],
  ...more,
});
const good = session('claude', ALIVE);
const about = (id: string, more: Partial<Notice> = {}) =>
  notice({ id: `${id}:notice`, session: id, level: 'warning', ...more });
const silent = { isSilent: true, seenAt: NOW - 2 * HOUR } as const;

test.each<[string, FleetMachine, string]>([
  [
    'logins',
    machine('box', [session('a', LOGIN), session('b', LOGIN), good, good, good]),
    'box: 2 of 5 need a login, last heard 3 min ago',
  ],
  ['one login', machine('box', [session('a', LOGIN), good]), 'box: 1 of 2 needs a login, last heard 3 min ago'],
  [
    'a login and another trouble',
    machine('box', [session('a', LOGIN), session('b', GAVE_UP)]),
    'box: 2 of 2 need you, last heard 3 min ago',
  ],
  [
    'a shared login',
    machine('box', [good], { notices: [about('claude', { code: 'shared-login' })] }),
    'box: 1 of 1 needs you, last heard 3 min ago',
  ],
  [
    'its daemon',
    machine('box', [good], { notices: [about('keepalive', { code: 'port-taken' })] }),
    'box: 1 thing needs you, last heard 3 min ago',
  ],
  ['a retry', machine('box', [session('a', FAILING), good]), 'box: 1 of 2 failing, last heard 3 min ago'],
  [
    'a retry and a login',
    machine('box', [session('a', FAILING), session('b', LOGIN)]),
    'box: 1 of 2 needs a login, last heard 3 min ago',
  ],
  ['no network', machine('box', [session('a', OFFLINE)]), 'box: 1 session, last heard 3 min ago'],
  ['paused', machine('box', [session('a', PAUSED), good]), 'box: 2 sessions, 1 paused, last heard 3 min ago'],
  ['all paused', machine('box', [session('a', PAUSED)]), 'box: 1 session, all paused, last heard 3 min ago'],
  ['nothing', machine('box', []), 'box: no session, last heard 3 min ago'],
  ['silence', machine('box', [good], silent), 'box: 1 session, silent, last heard 2 h ago'],
  ['this machine', machine('box', [good], { isHere: true }), 'box: 1 session, this machine'],
  [
    "a database's clock that is ahead",
    machine('box', [good], { seenAt: NOW + 10 * MINUTE }),
    'box: 1 session, last heard now',
  ],
])('the headline of a machine with %s', (_what, shown, text) => {
  expect(machineHeadline(shown, NOW)).toBe(text);
});

test('machines are listed the worst first, and by name within that', () => {
  const machines = [
    machine('good', [good]),
    machine('absent', [good], silent),
    machine('a-good', [session('a', OFFLINE)]),
    machine('silent-login', [session('a', LOGIN)], silent),
    machine('failing', [session('a', FAILING)]),
    machine('login', [good, session('a', LOGIN)]),
    machine('copy', [good], { notices: [about('claude', { code: 'shared-login' })] }),
    machine('b-failing', [session('a', FAILING)], silent),
  ];
  expect(machinesWorstFirst(machines, NOW).map(one => one.machine)).toEqual([
    'copy',
    'login',
    'silent-login',
    'b-failing',
    'failing',
    'absent',
    'a-good',
    'good',
  ]);
});

test.each<[string, readonly FleetMachine[], string]>([
  ['none', [], 'No machine is in the fleet'],
  ['one', [machine('a', [good])], '1 machine'],
  ['a silent one', [machine('a', [good]), machine('b', [good], silent)], '2 machines, 1 silent'],
  [
    'one that needs the user',
    [machine('a', [session('x', LOGIN)]), machine('b', [good], silent), machine('c', [])],
    '1 of 3 machines needs you, 1 silent',
  ],
  ['two', [machine('a', [session('x', LOGIN)]), machine('b', [session('x', LOGIN)])], '2 of 2 machines need you'],
])('the headline of a fleet with %s', (_what, machines, text) => {
  expect(fleetHeadline(machines, NOW)).toBe(text);
});
