import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { watchPath } from '../../../sdk/system/watch-path.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';
import { onTestFinished } from '../../support/running-test.ts';

/** A watched file in folders that do not exist yet. */
function watched() {
  const top = temporaryHome();
  const file = join(top, 'one', 'two', 'file');
  const watch = watchPath(file);
  onTestFinished(watch.close);
  return { top, file, watch };
}

type Step = (file: string, top: string) => void;
const makeFolders: Step = file => void mkdirSync(dirname(file), { recursive: true });
const write: Step = file => writeFileSync(file, '');

test.each<[string, readonly Step[]]>([
  ['its folders come one after the other', [(_, top) => mkdirSync(join(top, 'one')), makeFolders, write]],
  ['its folders come at once', [makeFolders, write]],
  ['it is written again, and removed', [makeFolders, write, write, file => rmSync(file)]],
  [
    'another file replaces it',
    [makeFolders, write, file => (writeFileSync(`${file}.new`, ''), renameSync(`${file}.new`, file))],
  ],
  [
    'its folders are removed and made again',
    [makeFolders, (_, top) => rmSync(join(top, 'one'), { recursive: true }), makeFolders, write],
  ],
  [
    'a file has the place of its folder first',
    [(_, top) => writeFileSync(join(top, 'one'), ''), (_, top) => rmSync(join(top, 'one')), makeFolders, write],
  ],
])('a file is reported when %s', async (_what, steps) => {
  const { top, file, watch } = watched();
  for (const step of steps) {
    const change = watch.nextChange().then(() => 'reported');
    step(file, top);
    expect(await change).toBe('reported');
  }
  expect(watch.isWatched).toBe(true);
});

test('a file below what is no folder is watched from the folder above', async () => {
  const top = temporaryHome({ one: '' });
  const watch = watchPath(join(top, 'one', 'two', 'file'));
  onTestFinished(watch.close);
  const change = watch.nextChange();
  rmSync(join(top, 'one'));
  await change;
  expect(watch.isWatched).toBe(true);
});

test('other files in its folder are not reported', async () => {
  const { top, file, watch } = watched();
  const folders = watch.nextChange();
  makeFolders(file, top);
  await folders;
  let reports = 0;
  void watch.nextChange().then(() => (reports += 1));
  writeFileSync(join(dirname(file), 'other'), '');
  // The system reports changes in their order.
  const next = watch.nextChange().then(() => reports);
  writeFileSync(file, '');
  expect(await next).toBe(1);
});
