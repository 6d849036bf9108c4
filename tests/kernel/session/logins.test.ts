import { beforeEach, describe, expect, test } from 'vitest';
import { Logins } from '../../../kernel/session/logins.ts';
import type { Inspection } from '../../../sdk/plugin/provider.ts';

let halted: Set<string>;
let changed: string[];
let logins: Logins;
const make = () =>
  new Logins(
    () => ['a', 'b', 'c'].map(id => ({ id, isHalted: halted.has(id) })),
    id => void changed.push(id),
  );
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
/** Each session's store is a file of its own. */
const note = (id: string, token: string | undefined, store = `/${id}`) => logins.note(id, seen(token, store));

describe('one login in two stores', () => {
  beforeEach(() => {
    note('b', 'one');
    note('a', 'one');
  });

  test('is kept alive by the first session in the configuration, however late it was looked at', () => {
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
    expect(logins.rivalOf('b')).toBeUndefined();
    halted.clear();
    expect(logins.rivalOf('b')).toEqual({ holder: 'a', spent: false });
  });

  test('is not given to the first session while the second may be spending the token', () => {
    halted.add('a');
    expect(logins.claim('b')).toBeUndefined();
    halted.clear();
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: false });
    logins.release('b', seen('one', '/b'));
    expect(logins.claim('a')).toBeUndefined();
  });

  test('stays claimed where the store could not be looked at after the attempt, until it can', () => {
    halted.add('a');
    logins.claim('b');
    logins.release('b', undefined);
    halted.clear();
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: false });
    note('b', 'two');
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: true });
  });

  test('is never spent from the copy once it was renewed, also when the holder is halted or gone on to many other tokens', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    halted.add('a');
    for (let n = 0; n < 100; n += 1) note('a', `later-${n}`);
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
    expect(logins.of('a')?.spent.length).toBeLessThanOrEqual(20);
  });

  test('is never spent from the copy once it was renewed, also after a restart, and where the holder is not configured any more', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    const remembered = ['a', 'b'].map(id => [id, logins.of(id)] as const);
    logins = new Logins(
      () => [{ id: 'b', isHalted: false }],
      () => undefined,
    );
    for (const [id, login] of remembered) if (login) logins.recall(id, login);
    note('b', 'one');
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });

  test('is spent from neither when a third store gets a copy of it later', () => {
    logins.claim('a');
    logins.release('a', seen('two', '/a'));
    note('c', 'one');
    expect([logins.claim('b'), logins.claim('c')]).toEqual([
      { holder: 'a', spent: true },
      { holder: 'a', spent: true },
    ]);
  });

  test('may have been renewed where the waiting store changes: then that session keeps it alive, and the first one waits', () => {
    note('b', 'two');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
    expect([logins.sharedBy('a'), logins.sharedBy('b')]).toEqual([
      { session: 'b', holder: 'b', spent: true },
      { session: 'a', holder: 'b', spent: true },
    ]);
  });

  test('stays with the session whose store changed, after more changes there, a pause, a restart and its removal', () => {
    halted.add('a');
    note('b', 'two');
    halted.clear();
    for (let n = 0; n < 100; n += 1) note('b', `later-${n}`);
    const mine = logins.of('a');
    logins = new Logins(
      () => [{ id: 'a', isHalted: false }],
      () => undefined,
    );
    if (mine) logins.recall('a', mine);
    note('a', 'one');
    expect(logins.claim('a')).toEqual({ holder: 'b', spent: true });
  });

  test('is spent from no third copy either, once it changed in one of them', () => {
    note('c', 'one');
    note('b', 'two');
    expect(['a', 'b', 'c'].map(id => logins.claim(id))).toEqual([
      { holder: 'b', spent: true },
      undefined,
      { holder: 'b', spent: true },
    ]);
  });

  test('is free again for both when the session that waits gets another login, by whatever means', () => {
    note('b', 'two');
    note('a', 'own');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
    expect([logins.sharedBy('a'), logins.sharedBy('b')]).toEqual([undefined, undefined]);
  });

  test('may have been renewed in both stores while no daemon ran: then both go on, each with what it holds', () => {
    note('b', 'two');
    note('a', 'three');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });

  test('may have been renewed in a store whose session only observes: nothing else is spent from then on', () => {
    logins.note('b', seen('one', '/b', { method: 'observe' }));
    expect([logins.rivalOf('a'), logins.copiesOf('a'), logins.sharedBy('a')]).toEqual([undefined, ['b'], undefined]);
    logins.note('b', seen('two', '/b', { method: 'observe' }));
    expect([logins.claim('a'), logins.sharedBy('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
  });

  test('is not renewed by putting an older copy back: the newest token is good where it is', () => {
    note('b', 'two');
    note('a', 'two');
    note('a', 'one');
    expect([logins.claim('a'), logins.claim('b')]).toEqual([{ holder: 'b', spent: true }, undefined]);
  });

  test('is renewed by its owner while no daemon runs: then the copy is spent too', () => {
    const login = logins.of('a');
    logins = make();
    if (login) logins.recall('a', login);
    note('b', 'one');
    note('a', 'two');
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });
});

describe('a new sign-in', () => {
  const day = (n: number, ms = 0) => ({ loginExpiresAt: new Date(Date.UTC(2026, 0, n) + ms), loginEndIsFixed: true });

  test.each<[string, 'is known' | 'may be a renewal', Partial<Inspection>, Partial<Inspection>]>([
    ['another end of the login, which no renewal moves,', 'is known', day(1), day(2)],
    ['an earlier end of the login', 'is known', day(2), day(1)],
    ['another account', 'is known', { account: 'x' }, { account: 'y' }],
    ['another account and the same end', 'is known', { ...day(1), account: 'x' }, { ...day(1), account: 'y' }],
    ['the same end', 'may be a renewal', day(1), day(1)],
    ['the same end but for a minute', 'may be a renewal', day(1), day(1, 60_000)],
    ['the same account', 'may be a renewal', { account: 'x' }, { account: 'x' }],
    ['an end that was not known before', 'may be a renewal', {}, day(2)],
    ['an end that is not known any more', 'may be a renewal', day(1), {}],
    [
      'another end, which renewals may move,',
      'may be a renewal',
      { ...day(1), loginEndIsFixed: false },
      { ...day(2), loginEndIsFixed: false },
    ],
    ['an account that was not known before', 'may be a renewal', {}, { account: 'y' }],
    ['an account that is not known any more', 'may be a renewal', { account: 'x' }, {}],
  ])('with %s %s', (_name, verdict, before, after) => {
    for (const id of ['a', 'b']) logins.note(id, seen('one', `/${id}`, before));
    logins.note('b', seen('two', '/b', after));
    expect([logins.claim('a'), logins.claim('b')]).toEqual([
      verdict === 'is known' ? undefined : { holder: 'b', spent: true },
      undefined,
    ]);
  });

  test('in the first store leaves the token to the copy', () => {
    for (const id of ['a', 'b']) logins.note(id, seen('one', `/${id}`, { account: 'x' }));
    logins.note('a', seen('two', '/a', { account: 'y' }));
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });

  test('is not believed of what our own attempt leaves: that has spent the token', () => {
    for (const id of ['a', 'b']) logins.note(id, seen('one', `/${id}`, { account: 'x' }));
    logins.claim('a');
    logins.release('a', seen('two', '/a', { account: 'y' }));
    expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
  });

  test('is known too where the account came to be known after the token, as after an update', () => {
    for (const id of ['a', 'b']) note(id, 'one');
    logins.note('b', seen('one', '/b', { account: 'x' }));
    logins.note('b', seen('two', '/b', { account: 'y' }));
    expect(logins.claim('a')).toBeUndefined();
  });
});

describe('no copy', () => {
  test.each<[string, () => void]>([
    ['another login', () => [note('a', 'one'), note('b', 'two')]],
    [
      'the same store by another way, as through a symbolic link',
      () => [note('a', 'one', '/x'), note('b', 'one', '/x')],
    ],
    [
      'a store whose session only observes',
      () => [logins.note('a', seen('one', '/a', { method: 'observe' })), note('b', 'one')],
    ],
    ['a session of which nothing is known', () => [logins.note('a', undefined), note('b', 'one')]],
    ['a store without a login', () => [note('a', undefined), note('b', 'one')]],
    [
      'the former store of a session that was given another one',
      () => [note('a', 'one', '/old'), note('a', 'two', '/new'), note('b', 'one', '/old')],
    ],
  ])('is %s', (_name, happen) => {
    happen();
    expect([logins.claim('a'), logins.claim('b')]).toEqual([undefined, undefined]);
  });
});

test('a store that is empty for a moment while it is written has not lost what it held: the token before is spent', () => {
  note('a', 'one');
  note('b', 'one');
  note('a', undefined);
  note('a', 'two');
  expect(logins.claim('b')).toEqual({ holder: 'a', spent: true });
});

test('a session that comes to only observe leaves its login to the copy', () => {
  note('a', 'one');
  note('b', 'one');
  logins.note('a', seen('one', '/a', { method: 'observe' }));
  expect(logins.claim('b')).toBeUndefined();
});
