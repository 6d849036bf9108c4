import { describe, expect, test } from 'vitest';
import type { LoginState } from '../../../sdk/contract/rpc.ts';
import {
  describeLoginState,
  loginEndsAt,
  signInCaution,
  signInHeader,
  spacedCode,
  timeLeft,
} from '../../../sdk/wording/sign-in.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const url = 'https://vendor.example/sign-in';
const where = { machine: 'laptop', account: 'Vendor account', hosts: ['vendor.example', 'login.vendor.example'] };

describe('the header of a sign-in', () => {
  test.each<[string, Parameters<typeof signInHeader>[1], string]>([
    [
      'names machine, session, account and hosts',
      where,
      'Sign in to Tool on laptop — Vendor account at vendor.example or login.vendor.example',
    ],
    [
      'names the hosts of an unknown kind of account',
      { ...where, account: undefined, hosts: ['a.example'] },
      'Sign in to Tool on laptop — Account at a.example',
    ],
    ['names no account where none is known', { machine: 'laptop', hosts: [] }, 'Sign in to Tool on laptop'],
  ])('%s', (_title, given, expected) => expect(signInHeader('Tool', given)).toBe(expected));

  test('comes with a caution that names the hosts', () => {
    expect(signInCaution({ hosts: ['a.example'] })).toContain('enter nothing at another address than a.example.');
    expect(signInCaution({ hosts: [] })).toBe('Go on only if you started this sign-in.');
  });
});

describe('a state of a sign-in', () => {
  test.each<[LoginState, string]>([
    [{ name: 'open', url }, 'Open this address in a browser on laptop. The sign-in goes on by itself.'],
    [
      { name: 'open', url, userCode: 'AB-12' },
      'Open this address on any device and enter the code there. The sign-in goes on by itself.',
    ],
    [
      { name: 'code', url, problem: 'The vendor refused it' },
      'The vendor refused it. Open this address on any device, sign in, and enter the code that you get.',
    ],
    [
      { name: 'manual', hint: 'Run `tool login`.' },
      'Run `tool login`. The sign-in goes on by itself once a new login is stored.',
    ],
    [{ name: 'manual', hint: '' }, 'The sign-in goes on by itself once a new login is stored.'],
    [
      { name: 'confirm', before: 'a…@x', after: 'b…@x' },
      'Signed in as another account than before (b…@x instead of a…@x): keep it?',
    ],
    [{ name: 'done' }, 'Signed in. Tool is alive.'],
    [{ name: 'cancelled' }, 'The sign-in was cancelled. The login from before is as it was.'],
    [{ name: 'cancelled', message: 'The store has changed.' }, 'The sign-in was cancelled. The store has changed.'],
  ])('%o is said in sentences', (state, expected) =>
    expect(describeLoginState(state, { displayName: 'Tool', machine: 'laptop' })).toBe(expected),
  );

  test('ends with its code, but never after the sign-in', () => {
    const started = { endsAt: NOW + 15 * MINUTE };
    expect(loginEndsAt({ name: 'open', url, expiresAt: NOW + MINUTE }, started)).toBe(NOW + MINUTE);
    expect(loginEndsAt({ name: 'open', url, expiresAt: NOW + 60 * MINUTE }, started)).toBe(started.endsAt);
    expect(loginEndsAt({ name: 'code', url }, started)).toBe(started.endsAt);
  });
});

test('the time left is never negative', () => {
  expect(timeLeft(NOW + 14 * MINUTE, NOW)).toBe('14 min left');
  expect(timeLeft(NOW - MINUTE, NOW)).toBe('0 s left');
});

test('a code is spaced character by character', () => expect(spacedCode('AB-12')).toBe('A B - 1 2'));
