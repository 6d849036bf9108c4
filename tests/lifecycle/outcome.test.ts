import { describe, expect, test } from 'vitest';
import { failureOf } from '../../lifecycle/outcome.ts';
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
      ['offline', 'KA_PLUGIN_FAILED'],
    ],
    ['a plugin that throws', new Error('no'), ['failed', 'KA_PLUGIN_FAILED']],
  ])('%s is another kind of problem', (_title, error, expected) => {
    expect(meaning(error)).toEqual(expected);
  });
});
