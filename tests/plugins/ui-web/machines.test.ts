import { expect, test } from 'vitest';
import { listedOf, machineLabel } from '../../../plugins/ui-web/page/format/machines.ts';
import { reduce, START } from '../../../plugins/ui-web/page/kernel/model.ts';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { machineAttention } from '../../../sdk/wording/fleet.ts';
import { notice } from '../../support/notice.ts';
import { ALIVE, FAILING, LOGIN, NOW, session } from '../ui-cli/fake-kernel.ts';

const machine = (sessions: Session[], more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: 'box',
  version: '1.0.0',
  seenAt: NOW,
  accepts: [],
  sessions,
  notices: [],
  ...more,
});
const alive = session('claude', ALIVE);
const login = session('codex', LOGIN);
const copied = notice({ id: 'claude:shared-login', session: 'claude', code: 'shared-login', level: 'warning' });

test.each<[FleetMachine, unknown]>([
  [machine([alive, login]), { text: '1 of 2 needs a login', tone: 'bad', sign: 'cross' }],
  [machine([alive], { notices: [copied] }), { text: '1 of 1 needs you', tone: 'warn', sign: 'triangle' }],
  [machine([session('a', FAILING)]), { text: '1 of 1 failing', tone: 'warn', sign: 'triangle' }],
  [machine([alive], { isSilent: true }), { text: '1 session', tone: 'quiet', sign: 'cloud' }],
  [machine([alive]), { text: '1 session', tone: 'good', sign: 'check' }],
])('the label of a machine: case %#', (one, label) => {
  expect(machineLabel(one, machineAttention(one, NOW), NOW)).toEqual(label);
});

test('sessions that need the user come first, and a sign-in is offered where it helps', () => {
  const shown = machine([session('web', ALIVE), alive, login], { notices: [copied] });
  const listed = listedOf(shown, machineAttention(shown, NOW));
  expect(listed.map(one => [one.session.id, one.asksForLogin])).toEqual([
    ['codex', true],
    ['claude', true],
    ['web', false],
  ]);
  expect(listed.map(({ action }) => action)).toEqual([LOGIN_HINT, copied.action, undefined]);
});

const LOGIN_HINT = 'hint' in LOGIN ? LOGIN.hint : '';

test('the machines are kept beside the snapshot, which is read again without them', () => {
  const fleet = { machines: [machine([alive])] };
  const known = reduce(START, { type: 'fleet', fleet });
  expect(reduce(known, { type: 'connection', connection: 'lost', at: NOW }).fleet).toBe(fleet);
  expect(reduce(known, { type: 'fleet', fleet: undefined }).fleet).toBeUndefined();
});
