import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWhich } from '../../../runtime/capabilities/which.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';

function folderOf(...programs: readonly string[]): string {
  const folder = temporaryHome(Object.fromEntries(programs.map(name => [name, ''])));
  for (const name of programs) chmodSync(join(folder, name), 0o755);
  return folder;
}

test('the first folder of the PATH that has the program as an executable file wins', async () => {
  const data = temporaryHome({ tool: '' });
  const subfolder = folderOf('tool/inside');
  const [first, second] = [folderOf('tool'), folderOf('tool')];
  const which = createWhich({ PATH: [data, subfolder, first, second].join(':') }, 'linux');
  expect(await which('tool')).toBe(join(first, 'tool'));
  expect(await which('other-tool')).toBeUndefined();
});

test('a path is only checked', async () => {
  const folder = folderOf('tool');
  const which = createWhich({ PATH: folder }, 'linux');
  expect(await which(join(folder, 'tool'))).toBe(join(folder, 'tool'));
  expect(await which('./tool')).toBeUndefined();
});

test.each<[string, string, readonly string[], string | undefined]>([
  ['tool', '.EXE;.CMD', ['tool', 'tool.cmd'], 'tool.cmd'],
  ['tool', '.EXE;.CMD', ['tool.cmd', 'tool.exe'], 'tool.exe'],
  ['tool.exe', '.EXE;.CMD', ['tool.exe'], 'tool.exe'],
  ['tool.1', '.EXE', ['tool.1', 'tool.1.exe'], 'tool.1.exe'],
  ['tool', '', ['tool.bat'], 'tool.bat'],
  ['tool', '.EXE', ['tool', 'tool.cmd'], undefined],
])('on Windows %s with PATHEXT=%s is found among %j as %s', async (program, PATHEXT, files, found) => {
  const folder = folderOf(...files);
  const which = createWhich({ PATH: folder, PATHEXT }, 'win32');
  expect(await which(program)).toBe(found && join(folder, found));
});
