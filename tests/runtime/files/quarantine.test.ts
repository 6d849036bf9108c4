import { expect, test } from 'vitest';
import { unusable } from '../../../runtime/files/quarantine.ts';

test.each([
  ['EROFS', 'KA_HOME_UNUSABLE'],
  ['EMFILE', 'KA_MACHINE_EXHAUSTED'],
])('a file of ours that fails with %s is %s', (reason, code) => {
  const error = unusable('/home/you/history.jsonl', Object.assign(new Error('failed'), { code: reason }));
  expect(error).toMatchObject({ code, details: { file: '/home/you/history.jsonl', reason } });
});
