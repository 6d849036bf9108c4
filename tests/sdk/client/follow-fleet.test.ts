import { beforeEach, expect, test, vi, afterEach } from 'vitest';
import { elsewhereOf, followFleet } from '../../../sdk/client/follow-fleet.ts';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { ALIVE, FAILING, FakeKernel, LOGIN, NOW, session } from '../../plugins/ui-cli/fake-kernel.ts';

const machine = (name: string, sessions: Session[], more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: name,
  version: '1.0.0',
  seenAt: NOW,
  accepts: [],
  sessions,
  notices: [],
  ...more,
});
const login = session('codex', LOGIN);

test.each<[string, readonly FleetMachine[], readonly string[] | undefined]>([
  ['there is no fleet', [], undefined],
  ['all is well', [machine('box', [session('a', ALIVE)])], undefined],
  ['this machine needs the user, which is shown anyway', [machine('laptop', [login], { isHere: true })], undefined],
  ['a session is retried', [machine('box', [session('a', FAILING)])], undefined],
  [
    'two need the user, and one of them was not heard for long',
    [machine('box', [login, session('a', ALIVE)]), machine('attic', [login], { isSilent: true }), machine('ci', [])],
    ['attic: 1 of 1 needs a login, silent', 'box: 1 of 2 needs a login'],
  ],
])('of other machines, those that need the user are named: %s', (_what, machines, titles) => {
  expect(elsewhereOf(machines, NOW)?.machines.map(({ title }) => title)).toEqual(titles);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the fleet is asked once, and after changes at most once in five seconds', async () => {
  const kernel = new FakeKernel([], { 'fleet/list': () => [machine('box', [login])] });
  const read = vi.fn();
  followFleet(kernel.client(), () => NOW, read);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([kernel.asked.length, read.mock.calls.length]).toEqual([1, 1]);
  for (let ms = 0; ms < 18_000; ms += 100) {
    kernel.notify('fleet/didChange', {});
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(kernel.asked.length).toBe(5);
});

test('what was known holds while the fleet cannot be read', async () => {
  const answers: (() => FleetMachine[])[] = [
    () => [machine('box', [login])],
    () => {
      throw new Error('The database is down.');
    },
    () => [machine('box', [{ ...login, state: JSON.parse('{ "name": "dreaming" }') }])],
    () => [],
  ];
  const kernel = new FakeKernel([], { 'fleet/list': () => answers.shift()?.() ?? [] });
  const read = vi.fn();
  followFleet(kernel.client(), () => NOW, read);
  for (let n = 0; n < 3; n += 1) {
    kernel.notify('fleet/didChange', {});
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(read.mock.calls.map(([elsewhere]) => elsewhere?.headline)).toEqual(['1 of 1 machine needs you', undefined]);
});
