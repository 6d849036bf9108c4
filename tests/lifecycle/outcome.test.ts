import { describe, expect, test } from 'vitest';
import { failureOf, resultOf } from '../../lifecycle/outcome.ts';
import type { SessionRecord } from '../../sdk/contract/session.ts';
import { KeepaliveError, offline } from '../../sdk/contract/errors.ts';

const system = (code: string) => Object.assign(new Error(`${code}: of the system`), { code });
const meaning = (error: unknown) => {
  const { outcome, code } = failureOf(error, text => text);
  return [outcome, code];
};

describe('exhausted resources are a local problem if', () => {
  test.each<[string, unknown]>([
    ['a plugin cannot open a file', system('EMFILE')],
    ['a credential cannot be read', new KeepaliveError('KA_STORE_UNREADABLE', { reason: 'ENFILE' }, system('ENFILE'))],
    [
      'a credential cannot be replaced',
      new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'EMFILE' }, system('EMFILE')),
    ],
    [
      'a plugin sends a request',
      new KeepaliveError('KA_PLUGIN_FAILED', {}, new TypeError('fetch failed', { cause: system('EMFILE') })),
    ],
    [
      'a recipe reports it as a network error',
      offline({ answer: 'none' }, new TypeError('fetch failed', { cause: system('ENOBUFS') })),
    ],
    [
      'a program cannot be started',
      new KeepaliveError('KA_MACHINE_EXHAUSTED', { program: 'claude', reason: 'EAGAIN' }),
    ],
    [
      'the error comes from another process without its cause',
      new KeepaliveError('KA_PROGRAM_FAILED', { reason: 'ENOMEM' }),
    ],
    ['memory cannot be allocated', system('ERR_MEMORY_ALLOCATION_FAILED')],
  ])('%s', (_title, error) => {
    expect(meaning(error)).toEqual(['failed', 'KA_MACHINE_EXHAUSTED']);
  });

  test.each<[string, unknown, readonly string[]]>([
    [
      'a credential that may not be read',
      new KeepaliveError('KA_STORE_UNREADABLE', { reason: 'EACCES' }, system('EACCES')),
      ['failed', 'KA_STORE_UNREADABLE'],
    ],
    [
      'a program that fails',
      new KeepaliveError('KA_PROGRAM_FAILED', { reason: 'It did not end in time.' }),
      ['failed', 'KA_PROGRAM_FAILED'],
    ],
    [
      'a vendor that cannot be reached',
      new KeepaliveError('KA_PLUGIN_FAILED', {}, system('ECONNREFUSED')),
      ['offline', 'KA_OFFLINE'],
    ],
    ['a plugin that throws', new Error('no'), ['failed', 'KA_PLUGIN_FAILED']],
  ])('%s is another kind of problem', (_title, error, expected) => {
    expect(meaning(error)).toEqual(expected);
  });
});

describe('says in plain words', () => {
  const lookup = Object.assign(new Error('getaddrinfo EAI_AGAIN auth.acme.example'), {
    code: 'EAI_AGAIN',
    hostname: 'auth.acme.example',
  });
  const refused = { code: 'ECONNREFUSED', address: '127.0.0.1', port: 18_081 };
  const fetchFailed = (cause: object) => new TypeError('fetch failed', { cause });
  const own = new KeepaliveError('KA_PLUGIN_FAILED', { plugin: 'acme', call: 'refresh' }, fetchFailed(lookup));

  test.each<[string, unknown, string]>([
    [
      'that a name was not found',
      own,
      'The vendor could not be reached: the address of auth.acme.example was not found.',
    ],
    [
      'that a connection was refused',
      offline({ answer: 'none' }, fetchFailed(Object.assign(new Error('connect'), refused))),
      'The vendor could not be reached, or is down: 127.0.0.1:18081 refused the connection.',
    ],
    [
      'that every address refused',
      offline(
        { host: 'a.example' },
        fetchFailed(Object.assign(new AggregateError([refused], ''), { code: 'ECONNREFUSED' })),
      ),
      'The vendor could not be reached, or is down (a.example): 127.0.0.1:18081 refused the connection.',
    ],
    ['that the vendor is down', offline({ status: 503 }), 'The vendor could not be reached, or is down (HTTP 503).'],
    [
      'that a file cannot be read',
      new KeepaliveError('KA_STORE_UNREADABLE', { path: '/h/auth.json', reason: 'EACCES' }, system('EACCES')),
      'The credential cannot be read (/h/auth.json): permission denied (EACCES).',
    ],
    [
      'why a plugin failed',
      new KeepaliveError('KA_PLUGIN_FAILED', { plugin: 'acme', call: 'refresh' }, new Error('it went wrong')),
      'The plugin threw an error in refresh(): it went wrong.',
    ],
    [
      'why a program failed, and what to do',
      new KeepaliveError('KA_PROGRAM_FAILED', {
        program: 'claude',
        exitCode: 1,
        reason: 'It asks.',
        hint: 'Run `claude`.',
      }),
      'claude failed (exit code 1): It asks. Run `claude`.',
    ],
    ['something without a cause', new Error('no'), 'no.'],
  ])('%s', (_title, error, message) => {
    expect(failureOf(error, text => text).message).toBe(message);
  });
});

test('a required login says what happened, then what to do, also after a long proof', () => {
  const record: SessionRecord = {
    displayName: 'Acme',
    state: { name: 'idle', failures: 0, wakeAt: 0, wakeWhy: 'at start' },
  };
  const messageAfter = (proof: string) => {
    const outcome = { status: 'login-required', method: 'redeem', hint: 'Run `acme login`.', proof };
    return resultOf(outcome, record, 0, text => text).message;
  };
  expect(messageAfter('The vendor answered 400')).toBe('The vendor answered 400. Run `acme login`.');
  expect(messageAfter('x'.repeat(2_000))).toMatch(/^x+\. Run `acme login`\.$/);
});

test.each([
  ['has expired meanwhile', 59, 119, 'It was renewed, but has expired meanwhile.'],
  ['does not last longer than before', -1, -60, 'It was renewed, but it does not last longer than before.'],
])('a renewed login that %s says so', (_, expiresAtMin, nowMin, message) => {
  const [before, expiresAt] = [1.8e12, new Date(1.8e12 + expiresAtMin * 60_000)];
  const state = { name: 'idle', failures: 0, wakeAt: 0, wakeWhy: 'at start' } as const;
  const record: SessionRecord = { displayName: 'Acme', state, expiresAt: before };
  const now = before + nowMin * 60_000;
  expect(resultOf({ status: 'refreshed', expiresAt }, record, now, text => text)).toMatchObject({
    code: 'KA_INEFFECTIVE',
    message: expect.stringContaining(message),
  });
});
