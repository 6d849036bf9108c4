import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { watchFinding } from '../../../runtime/files/watch-limit.ts';

const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

test.runIf(process.platform === 'linux').each([
  ['ENOSPC', 'sudo sysctl fs.inotify.max_user_watches=524288'],
  ['EMFILE', 'sudo sysctl fs.inotify.max_user_instances=1024'],
])('if a watch fails with %s, doctor names the limit to raise', (code, action) => {
  expect(watchFinding('/home/you', failing(code))).toMatchObject({
    level: 'warning',
    subject: 'watch',
    action,
    message: expect.stringContaining(code),
  });
});

test('no finding for a folder that can be watched, or one that does not exist yet', () => {
  expect(watchFinding(tmpdir())).toBeUndefined();
  expect(watchFinding('/nowhere', failing('ENOENT'))).toBeUndefined();
});
