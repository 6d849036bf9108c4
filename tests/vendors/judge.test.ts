import { expect, test } from 'vitest';
import { FAULTS, faultsFor } from '../../vendors/faults/index.ts';
import type { Expected } from '../../vendors/faults/fault.ts';
import { breaches, judge, mayBeChance, type Seen } from '../../vendors/judge.ts';
import { PROGRAMS } from '../../vendors/programs/index.ts';

const seen = (outcome: string, during: Partial<Seen['during']> = {}, after: Partial<Seen['after']> = {}): Seen => ({
  during: { outcomes: [outcome], isAlive: true, isChanged: false, exchanges: 1, renewed: 0, reused: 0, ...during },
  after: { outcome: 'refreshed', isAlive: true, isChanged: true, reused: 0, accepts: true, ...after },
});
const DONE = { isChanged: true, renewed: 1 };
const GONE = { isAlive: false };

test.each<[string, Expected, Seen, readonly string[]]>([
  ['a renewal', 'renewed', seen('refreshed', DONE, { outcome: 'fresh' }), []],
  ['an outage that passes', 'temporary', seen('KA_OFFLINE'), []],
  ['an outage that is counted', 'temporary', seen('KA_PROGRAM_FAILED'), ['the outcome was KA_PROGRAM_FAILED']],
  ['a failure that is counted', 'failed', seen('KA_PROGRAM_FAILED'), []],
  ['an error without a name', 'failed', seen('failed: x'), ['the outcome was failed: x']],
  ['a renewal that did not happen', 'renewed', seen('refreshed'), ['a renewal was reported that did not happen']],
  [
    'a sign-in for a good login',
    'failed',
    seen('login-required'),
    ['the outcome was login-required', 'a sign-in was asked for, for a login that was good'],
  ],
  ['a login that was lost', 'temporary', seen('KA_OFFLINE', GONE), ['the login was lost']],
  ['a token that was spent twice', 'renewed', seen('fresh', DONE, { reused: 1 }), ['a token was spent twice']],
  [
    'an outage that does not pass',
    'temporary',
    seen('KA_OFFLINE', {}, { outcome: 'KA_OFFLINE' }),
    ['afterwards, the outcome was KA_OFFLINE'],
  ],
  ['a renewal that is not repeated at once', 'once', seen('refreshed', DONE, { outcome: 'KA_OFFLINE' }), []],
  [
    'a login that the program deleted',
    'temporary',
    seen('KA_OFFLINE', {}, { accepts: false }),
    ['afterwards, the program did not accept the login'],
  ],
  ['a login that is over', 'over', seen('login-required', GONE, { ...GONE, outcome: 'login-required' }), []],
  ['one that is removed then', 'over', seen('login-required', GONE, { ...GONE, outcome: 'unavailable' }), []],
  ['one that is over at the second look', 'over', seen('deferred', GONE, { ...GONE, outcome: 'login-required' }), []],
  [
    'one that is over and not noticed',
    'over',
    seen('deferred', GONE, { ...GONE, outcome: 'KA_OFFLINE' }),
    ['no sign-in was asked for'],
  ],
  ['one that cannot be known to be over', 'unseen', seen('KA_OFFLINE', GONE, { ...GONE, outcome: 'KA_OFFLINE' }), []],
  ['a watched login that its program keeps', 'watched', seen('fresh', {}, { outcome: 'fresh' }), []],
  [
    'a watched login that its program loses',
    'watched',
    seen('fresh', {}, { ...GONE, outcome: 'unavailable' }),
    ['the login was lost', 'afterwards, the outcome was unavailable'],
  ],
  ['a watched login that its vendor has ended', 'unasked', seen('fresh', {}, { outcome: 'fresh' }), []],
  ['an answer that was lost', 'lost', seen('KA_OFFLINE', { ...GONE, renewed: 1 }, { ...GONE, reused: 1 }), []],
  [
    'a lost answer that is called a renewal',
    'lost',
    seen('refreshed', { ...GONE, renewed: 1 }),
    ['the outcome was refreshed', 'a renewal was reported that did not happen'],
  ],
])('%s', (_name, expected, what, found) => {
  expect(breaches(what, expected)).toEqual(found);
});

test('only an unexpected outcome is tried again, never a loss', () => {
  expect([
    mayBeChance([]),
    mayBeChance(['the outcome was KA_PROGRAM_FAILED']),
    mayBeChance(['the outcome was KA_OFFLINE', 'the login was lost']),
  ]).toEqual([false, true, false]);
});

test('a release is proven if every fault held, and is otherwise held back for what did not', () => {
  const good = { fault: '503', breaches: [] };
  expect(judge([good, good])).toEqual({ verdict: 'proven', faults: 2 });
  expect(judge([good, { fault: '429', breaches: ['the login was lost', 'a token was spent twice'] }])).toEqual({
    verdict: 'held-back',
    faults: 2,
    reason: '429: the login was lost, a token was spent twice',
  });
});

test('a release with a fault that could not be tried is unknown, unless another one did not hold', () => {
  const good = { fault: '503', breaches: [] };
  const untried = { fault: '429', breaches: [], failure: 'listen EADDRINUSE' };
  const bad = { fault: '500', breaches: ['the login was lost'] };
  expect(judge([good, untried])).toEqual({
    verdict: 'unknown',
    faults: 1,
    reason: '429: not tried: listen EADDRINUSE',
  });
  expect(judge([good, untried, bad])).toMatchObject({ verdict: 'held-back', reason: '500: the login was lost' });
});

test('there are at least 25 faults for each program, with their own names, and the first is none', () => {
  expect(FAULTS[0]?.name).toBe('no fault');
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  const few = PROGRAMS.filter(({ success }) => success === 'refreshed').filter(
    ({ parts }) => faultsFor(parts).length < 25,
  );
  expect(few).toEqual([]);
});

test('what a program does differently names a fault that it can have', () => {
  const wrong = PROGRAMS.flatMap(({ parts, expects = {} }) =>
    Object.keys(expects).filter(name => !faultsFor(parts).some(fault => fault.name === name)),
  );
  expect(wrong).toEqual([]);
});
