import { beforeEach, describe, expect, test } from 'vitest';
import { Logins } from '../../lifecycle/logins.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';

let halted: Set<string>;
let changed: string[];
let logins: Logins;
const make = () =>
  new Logins(
    id => ({ place: ['a', 'b', 'c'].indexOf(id), isHalted: halted.has(id) }),
    id => void changed.push(id),
  );
/** A configuration that has only this session. */
const onlyWith = (kept: string) => (id: string) => (id === kept ? { place: 0, isHalted: false } : undefined);
beforeEach(() => {
  halted = new Set();
  changed = [];
  logins = make();
});

const seen = (refreshFingerprint: string | undefined, store: string, more: Partial<Inspection> = {}): Inspection => ({
  present: refreshFingerprint !== undefined,
  store,
  refreshFingerprint,
  ...more,
});
/** Each session has its own store. */
const update = (id: string, token: string | undefined, store = `/${id}`) => logins.update(id, seen(token, store));

describe('one login in two stores', () => {
  beforeEach(() => {
    update('b', 'one');
    update('a', 'one');
  });

  test('is kept alive by the first session in the configuration, even if it was inspected later', () => {
    expect(logins.claim('a')).toBeUndefined();
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: false });
  });

  test('is known to both sessions before either of them claims it', () => {
    expect([logins.sharedBy('a'), logins.sharedBy('b')]).toEqual([
      { session: 'b', holder: 'a' },
      { session: 'a', holder: 'a' },
    ]);
    expect(changed).toEqual(expect.arrayContaining(['a', 'b']));
  });

  test('goes to the next session while the first is halted, and back', () => {
    halted.add('a');
    expect(logins.otherHolderOf('b')).toBeUndefined();
    halted.clear();
    expect(logins.otherHolderOf('b')).toEqual({ holder: 'a', spent: false });
  });

  test('is not given to the first session while the second may be spending the token', () => {
    halted.add('a');
    expect(logins.claim('b')).toBeUndefined();
    halted.clear();
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: false });
    logins.release('b', seen('one', '/b'));
    expect(logins.claim('a')).toBeUndefined();
  });

  test('stays claimed while the store cannot be inspected after the attempt', () => {
    halted.add('a');
    logins.claim('b');
    logins.release('b', undefined);
    halted.clear();
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: false });
    update('b', 'two');
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: true });
  });

  test('is never spent from the copy after a renewal, even by a halted holder or many renewals later', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    halted.add('a');
    for (let n = 0; n < 100; n += 1) update('a', `later-${n}`);
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
    expect(logins.loginOf('a')?.spent.length).toBeLessThanOrEqual(20);
  });

  test('is never spent from the copy after a renewal and a restart, even if the holder is no longer configured', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    const remembered = ['a', 'b'].map(id => [id, logins.loginOf(id)] as const);
    logins = new Logins(onlyWith('b'), () => undefined);
    for (const [id, login] of remembered) if (login) logins.restore(id, login);
    update('b', 'one');
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });

  test('is not spent from either copy when a third store gets a copy later', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    update('c', 'one');
    expect([logins.claim('b'), logins.claim('c')]).toEqual([
      { holder: 'a', spent: true },
      { holder: 'a', spent: true },
    ]);
  });

  test('may be renewed if the waiting store changes: then that session keeps it alive, and the first waits', () => {
    update('b', 'two');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
    expect([logins.sharedBy('a'), logins.sharedBy('b')]).toEqual([
      { session: 'b', holder: 'b', spent: true },
      { session: 'a', holder: 'b', spent: true },
    ]);
  });

  test('stays with the session whose store changed, after more changes, a pause, a restart and its removal', () => {
    halted.add('a');
    update('b', 'two');
    halted.clear();
    for (let n = 0; n < 100; n += 1) update('b', `later-${n}`);
    const mine = logins.loginOf('a');
    logins = new Logins(onlyWith('a'), () => undefined);
    if (mine) logins.restore('a', mine);
    update('a', 'one');
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: true });
  });

  test('is not spent from a third copy either after it changed in one store', () => {
    update('c', 'one');
    update('b', 'two');
    expect(['a', 'b', 'c'].map(id => logins.claim(id))).toEqual([
      { holder: 'b', spent: true },
      undefined,
      { holder: 'b', spent: true },
    ]);
  });

  test('is free again for both when the waiting session gets another login in any way', () => {
    update('b', 'two');
    update('a', 'own');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
    expect([logins.sharedBy('a'), logins.sharedBy('b')]).toEqual([undefined, undefined]);
  });

  test('may have been renewed in both stores while no daemon ran: then both continue with their own tokens', () => {
    update('b', 'two');
    update('a', 'three');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });

  test('may have been renewed in a store whose session only observes: then no other copy is spent', () => {
    logins.update('b', seen('one', '/b', { method: 'observe' }));
    expect([logins.otherHolderOf('a'), logins.copiesOf('a'), logins.sharedBy('a')]).toEqual([
      undefined,
      ['b'],
      undefined,
    ]);
    logins.update('b', seen('two', '/b', { method: 'observe' }));
    expect([logins.claim('a'), logins.sharedBy('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
  });

  test('is not affected by putting an older copy back: the newest token stays usable', () => {
    update('b', 'two');
    update('a', 'two');
    update('a', 'one');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
  });

  test('is renewed by its owner while no daemon runs: then the copy is spent too', () => {
    const login = logins.loginOf('a');
    logins = make();
    if (login) logins.restore('a', login);
    update('b', 'one');
    update('a', 'two');
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });
});

describe('a new sign-in', () => {
  const day = (n: number, ms = 0) => ({ loginExpiresAt: new Date(Date.UTC(2026, 0, n) + ms), loginEndIsFixed: true });

  test.each<[string, 'is recognized' | 'may be a renewal', Partial<Inspection>, Partial<Inspection>]>([
    ['another fixed end of the login', 'is recognized', day(1), day(2)],
    ['an earlier end of the login', 'is recognized', day(2), day(1)],
    ['another account', 'is recognized', { account: 'x' }, { account: 'y' }],
    ['another account and the same end', 'is recognized', { ...day(1), account: 'x' }, { ...day(1), account: 'y' }],
    ['the same end', 'may be a renewal', day(1), day(1)],
    ['almost the same end, one minute later,', 'may be a renewal', day(1), day(1, 60_000)],
    ['the same account', 'may be a renewal', { account: 'x' }, { account: 'x' }],
    ['an end that was unknown before', 'may be a renewal', {}, day(2)],
    ['an end that is no longer known', 'may be a renewal', day(1), {}],
    [
      'another end that renewals may move',
      'may be a renewal',
      { ...day(1), loginEndIsFixed: false },
      { ...day(2), loginEndIsFixed: false },
    ],
    ['an account that was unknown before', 'may be a renewal', {}, { account: 'y' }],
    ['an account that is no longer known', 'may be a renewal', { account: 'x' }, {}],
  ])('with %s %s', (_name, verdict, before, after) => {
    for (const id of ['a', 'b']) logins.update(id, seen('one', `/${id}`, before));
    logins.update('b', seen('two', '/b', after));
    expect([logins.claim('a'), logins.claim('b')]).toEqual([
      verdict === 'is recognized' ? undefined : { holder: 'b', spent: true },
      undefined,
    ]);
  });

  test('in the first store leaves the token to the copy', () => {
    for (const id of ['a', 'b']) logins.update(id, seen('one', `/${id}`, { account: 'x' }));
    logins.update('a', seen('two', '/a', { account: 'y' }));
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });

  test('is not assumed after our own attempt, which has spent the token', () => {
    for (const id of ['a', 'b']) logins.update(id, seen('one', `/${id}`, { account: 'x' }));
    logins.claim('a');
    logins.release('a', seen('two', '/a', { account: 'y' }));
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });

  test('is recognized too if the account became known after the token, as after an update', () => {
    for (const id of ['a', 'b']) update(id, 'one');
    logins.update('b', seen('one', '/b', { account: 'x' }));
    logins.update('b', seen('two', '/b', { account: 'y' }));
    expect(logins.claim('a')).toBeUndefined();
  });
});

describe('no copy', () => {
  test.each<[string, () => void]>([
    ['another login', () => [update('a', 'one'), update('b', 'two')]],
    [
      'the same store through another path, such as a symbolic link',
      () => [update('a', 'one', '/x'), update('b', 'one', '/x')],
    ],
    [
      'a store whose session only observes',
      () => [logins.update('a', seen('one', '/a', { method: 'observe' })), update('b', 'one')],
    ],
    ['a session that was never inspected', () => [logins.update('a', undefined), update('b', 'one')]],
    ['a store without a login', () => [update('a', undefined), update('b', 'one')]],
    [
      'the former store of a session that uses another one now',
      () => [update('a', 'one', '/old'), update('a', 'two', '/new'), update('b', 'one', '/old')],
    ],
  ])('is %s', (_name, happen) => {
    happen();
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });
});

test('a store that is empty during a write keeps its login: the token before counts as spent', () => {
  update('a', 'one');
  update('b', 'one');
  update('a', undefined);
  update('a', 'two');
  expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
});

test('a session that begins to only observe leaves its login to the copy', () => {
  update('a', 'one');
  update('b', 'one');
  logins.update('a', seen('one', '/a', { method: 'observe' }));
  expect(logins.claim('b')).toBeUndefined();
});

describe('a login that a session of another machine holds as well', () => {
  const share = (more: object = {}) => new Map([['a', { other: 'box/b', isHolder: false, spent: false, ...more }]]);

  test('stays shared when it is renewed here: the other one holds what is spent', () => {
    update('a', 'one');
    logins.setRemote(share());
    expect(logins.sharedBy('a')).toEqual({ session: 'box/b', holder: 'a' });
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    expect(logins.sharedBy('a')).toEqual({ session: 'box/b', holder: 'a', spent: true });
    logins.setRemote(share({ spent: true }));
    logins.claim('a');
    logins.release('a', seen('three', '/a'));
    expect(logins.sharedBy('a')).toEqual({ session: 'box/b', holder: 'a', spent: true });
    logins.setRemote(new Map());
    expect(logins.sharedBy('a')).toBeUndefined();
  });

  test('is no longer shared after a sign-in that is certainly another', () => {
    logins.update('a', seen('one', '/a', { account: 'someone' }));
    logins.setRemote(share());
    logins.update('a', seen('two', '/a', { account: 'someone else' }));
    expect(logins.sharedBy('a')).toBeUndefined();
  });

  test('is left to the other one if that keeps it alive', () => {
    update('a', 'one');
    logins.setRemote(share({ isHolder: true }));
    expect(logins.claim('a')).toEqual({ holder: 'box/b', spent: false });
    expect(logins.isSpending('a')).toBe(false);
  });

  test('is no copy in the same store, which is remembered with the login until the store is another', () => {
    update('a', 'one');
    logins.setRemote(share({ isHolder: true, isSameStore: true }));
    expect(logins.claim('a')).toBeUndefined();
    expect([logins.sharedBy('a'), logins.loginOf('a')?.storeWith]).toEqual([undefined, 'box/b']);
    logins.release('a', seen('two', '/a'));
    expect(logins.loginOf('a')?.storeWith).toBe('box/b');
    update('a', 'two', '/elsewhere');
    expect(logins.loginOf('a')?.storeWith).toBeUndefined();
  });
});
