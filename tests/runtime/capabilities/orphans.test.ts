import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endedChildren, orphanLook } from '../../../runtime/capabilities/orphans.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';

test('what has ended at two looks is reaped once, so that Node has reaped its own before', () => {
  const reaped: number[] = [];
  let ended = [7, 8];
  const look = orphanLook({ ended: () => ended, reap: pid => void reaped.push(pid) });
  look();
  expect(reaped).toEqual([]);
  ended = [8, 9];
  look();
  expect(reaped).toEqual([8]);
  ended = [9];
  look();
  expect(reaped).toEqual([8, 9]);
  ended = [9];
  look();
  expect(reaped).toEqual([8, 9]);
});

test.each([
  ['a zombie of process 1', '12 (sh) Z 1 1 1', [12]],
  ['one with a confusing name', '12 (a) R 2 (b) Z 1 1 1', [12]],
  ['one of another process', '12 (sh) Z 5 1 1', []],
  ['one that a name only pretends', '12 (x) Z 1 1) S 1 1 1', []],
  ['a running child', '12 (sh) S 1 1 1', []],
])('%s', (_title, stat, expected) => {
  const proc = temporaryHome();
  mkdirSync(join(proc, '12'));
  mkdirSync(join(proc, 'sys'));
  mkdirSync(join(proc, '13'));
  writeFileSync(join(proc, '12/stat'), `${stat}\n`);
  expect(endedChildren(proc)).toEqual(expected);
});
