import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFile } from '../../../kernel/files/watch-file.ts';
import { temporaryFolder } from '../../support/real-context.ts';

/** Resolves at each change, in turn. */
function watching(path: string) {
  let count = 0;
  let told: (() => void) | undefined;
  onTestFinished(watchFile(path, () => {
    count += 1;
    told?.();
  }));
  return {
    count: () => count,
    change: async (make: () => Promise<unknown>) => {
      const heard = new Promise<void>(resolve => (told = resolve));
      await make();
      await heard;
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

test('a file is followed through being made, written, replaced again and again, and removed', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'a.json');
  const { change, count } = watching(file);
  await change(() => writeFile(file, '1'));
  await change(() => writeFile(file, '22'));
  await change(() => replace(file, '333'));
  await change(() => replace(file, '4444'));
  await change(() => rm(file));
  await change(() => replace(file, '55555'));
  expect(count()).toBeGreaterThanOrEqual(6);
});

test('folders that are not there yet are waited for', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'later', 'still later', 'a.json');
  const { change, count } = watching(file);
  await change(async () => {
    await mkdir(join(folder, 'later', 'still later'), { recursive: true });
    await writeFile(file, '1');
  });
  await change(() => replace(file, '22'));
  expect(count()).toBeGreaterThanOrEqual(2);
});

test('a symbolic link is followed to the file, and when it is pointed elsewhere', async () => {
  const folder = await temporaryFolder();
  const [file, link] = [join(folder, 'real', 'a.json'), join(folder, 'link')];
  await mkdir(join(folder, 'real'));
  await writeFile(file, '1');
  await symlink(file, link);
  const { change, count } = watching(link);
  await change(() => replace(file, '22'));
  await change(() => replace(file, '333'));
  await change(() => replace(link, '4444'));
  expect(count()).toBeGreaterThanOrEqual(3);
});
