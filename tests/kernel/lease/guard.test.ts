import 'reflect-metadata';
import { expect, test } from 'vitest';
import { FleetGuard } from '../../../kernel/lease/guard.ts';
import type { HeldLogin } from '../../../sdk/contract/session.ts';
import type { Answer } from '../../../sdk/plugin/fleet.ts';

const NOW = 1_000_000;
const HOUR = 3_600_000;

/** What a guard says to a session whose fleet answers so. */
function asked(answer: Answer | Error, login: Partial<HeldLogin> = {}, more: object = {}) {
  const guard = new FleetGuard();
  const lease = { hold: () => undefined, onShares: () => () => undefined, acquire: async () => answer };
  guard.use(async () => {
    if (answer instanceof Error) throw answer;
    return { lease: { ...lease, acquire: async () => answer }, instance: 'here', machine: 'laptop' };
  });
  const held: HeldLogin = { refresh: 'r0', store: '/store', spent: [], ...login };
  const seen = { present: true, expiresAt: new Date(NOW + HOUR) };
  return guard.acquire({ id: 'own', login: held, sharedWith: undefined, seen, goodUntil: NOW, now: NOW, ...more });
}

const away: Answer = { status: 'unreachable', reason: 'it is away' };
const other = { machine: 'box', session: 'b' };
const held = (more: object = {}): Answer => ({
  status: 'held',
  share: { session: 'own', other, holder: 'other', spent: false, isSameStore: false, ...more },
});

test.each<[string, Parameters<typeof asked>, object]>([
  ['goes on without the fleet if nothing is known to be shared', [away], {}],
  ['waits if the login is known to be shared', [away, {}, { sharedWith: 'box/b' }], { outcome: 'deferred' }],
  ['waits if another daemon may hold it', [{ ...away, other }], { outcome: 'deferred' }],
  [
    'waits if the store is shared and was not renewed',
    [away, { storeWith: 'box/b' }, { goodUntil: NOW + 2 * HOUR }],
    { outcome: 'deferred' },
  ],
  ['is alive if the store is shared and was renewed', [away, { storeWith: 'box/b' }], { outcome: 'fresh' }],
  [
    'waits without a fleet that can be opened, if it is shared',
    [new Error('no'), {}, { sharedWith: 'box/b' }],
    { outcome: 'deferred' },
  ],
  ['goes on without a fleet that can be opened', [new Error('no')], {}],
  ['asks again soon while another holds the lease', [held()], { outcome: 'deferred', retryAt: NOW + 30_000 }],
  ['does not ask soon again for what is spent', [held({ spent: true })], { outcome: 'deferred', retryAt: NOW + HOUR }],
  ['is alive by what another has renewed in the same store', [held({ isSameStore: true })], { outcome: 'fresh' }],
  ['does not ask about what it only observes', [held(), { observes: true }], {}],
])('a session %s', async (_what, given, expected) => {
  const { refused } = await asked(...given);
  expect(refused ?? {}).toMatchObject(expected);
  if (Object.keys(expected).length === 0) expect(refused).toBeUndefined();
});

test('a fleet is left only when the attempts that hold a right of it have settled', async () => {
  const settle = async () => true;
  const right = { lost: new AbortController().signal, isValid: () => true, settle };
  const guard = new FleetGuard();
  const acquire = async (): Promise<Answer> => ({ status: 'granted', right });
  const lease = { hold: () => undefined, onShares: () => () => undefined, acquire };
  guard.use(async () => ({ lease, instance: 'here', machine: 'laptop' }));
  const login = { refresh: 'r0', store: '/store', spent: [] };
  const asking = { id: 'own', login, sharedWith: undefined, seen: undefined, goodUntil: NOW, now: NOW };
  const permit = await guard.acquire(asking);
  const order: string[] = [];
  const leaving = guard.settled().then(() => order.push('left'));
  await Promise.resolve();
  order.push('settled');
  await permit.right?.settle('r1');
  await leaving;
  expect(order).toEqual(['settled', 'left']);
  await guard.settled();
});

test('a session that renewed a login does not send an older copy of it, and says whose it is', async () => {
  const share = { session: 'own', other: { machine: 'laptop', session: 'own' }, holder: 'other' } as const;
  const { refused } = await asked({ status: 'held', share: { ...share, spent: true, isSameStore: false } });
  expect(refused).toMatchObject({
    outcome: 'deferred',
    message: expect.stringMatching(/older login, which this session has renewed before.*`keepalive login own`/s),
  });
});
