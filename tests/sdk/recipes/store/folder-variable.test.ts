import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { programFolder } from '../../../../sdk/recipes/store/folder-variable.ts';
import { fakeContext } from '../../../../sdk/testing/index.ts';

const NOTED = expect.stringContaining('V is "');

test.each<[string, string | undefined, string | undefined, object]>([
  ['the usual one', undefined, undefined, { path: '/home/you/.v', env: {} }],
  ['the usual one for an empty variable', undefined, '', { path: '/home/you/.v', env: {} }],
  ['a full path, which the program reads itself', undefined, '/v', { path: '/v', env: {} }],
  [
    'a home that no shell has expanded',
    undefined,
    '~/v',
    { path: '/home/you/v', note: NOTED, env: { V: '/home/you/v' } },
  ],
  ['another way to write it', undefined, '${HOME}/v', { path: '/home/you/v', note: NOTED, env: { V: '/home/you/v' } }],
  ['a relative path', undefined, 'v', { path: resolve('v'), note: NOTED, env: { V: resolve('v') } }],
  ['the option, before the variable', '~/o', '/v', { path: '/home/you/o', env: { V: '/home/you/o' } }],
])('the folder of a program is %s', (_name, chosen, value, expected) => {
  const context = fakeContext({ env: { V: value } });
  expect(programFolder({ chosen, variable: 'V', usual: '~/.v' }, context)).toEqual(expected);
});
