import { expect, test } from 'vitest';
import { patiently, patienceOn } from '../../../sdk/system/patient.ts';

/** A file that another program holds for this many tries. */
const held = (tries: number, code = 'EBUSY') => {
  let done = 0;
  return async () => {
    done += 1;
    if (done <= tries) throw Object.assign(new Error(code), { code });
    return `after ${done}`;
  };
};
const on = (platform: NodeJS.Platform) => ({ ...patienceOn(platform), wait: async () => undefined });

test.each(['EBUSY', 'EPERM', 'EACCES'])('on Windows a file that is held (%s) is tried again', async code => {
  expect(await patiently(held(3, code), on('win32'))).toBe('after 4');
});

test('not for ever, and not for other errors', async () => {
  await expect(patiently(held(20), on('win32'))).rejects.toThrow('EBUSY');
  await expect(patiently(held(1, 'ENOENT'), on('win32'))).rejects.toThrow('ENOENT');
});

test('elsewhere nothing is tried again', async () => {
  await expect(patiently(held(1), on('linux'))).rejects.toThrow('EBUSY');
});
