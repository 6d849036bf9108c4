import { expect, test } from 'vitest';
import { commandsIn, powershellArgs, withCommands } from '../../../runtime/capabilities/windows-processes.ts';
import { isCodexRunning } from '../../../plugins/codex/timing.ts';

/** As ps-list and PowerShell print them. */
const LIST = [
  { pid: 4, name: 'System' },
  { pid: 9, name: 'node.exe' },
  { pid: 20, name: 'node.exe' },
];
const CODEX =
  '"C:\\Program Files\\nodejs\\node.exe" "C:\\Users\\Jo Do\\npm\\node_modules\\@openai\\codex\\bin\\codex.js" exec';
const ONE = JSON.stringify({ ProcessId: 20, CommandLine: CODEX });
const MANY = JSON.stringify([
  { ProcessId: 20, CommandLine: CODEX },
  { ProcessId: 21, CommandLine: null },
]);

test('one result, several and none are read; a command line of another user is null', () => {
  expect([...commandsIn(ONE)]).toEqual([[20, CODEX]]);
  expect([...commandsIn(MANY)]).toEqual([[20, CODEX]]);
  expect([...commandsIn('\r\n')]).toEqual([]);
});

test('a script that an interpreter runs is recognized', async () => {
  const processes = () => withCommands(LIST, 9, async () => ONE);
  expect(await processes()).toContainEqual({ pid: 20, name: 'node.exe', command: CODEX });
  expect(await isCodexRunning({ processes })).toBe(true);
});

test('without another interpreter, PowerShell is not started', async () => {
  const alone = LIST.slice(0, 2);
  expect(await withCommands(alone, 9, () => Promise.reject(new Error('started')))).toEqual(alone);
});

test('where PowerShell says nothing, the list is refused: any of them may be the vendor', async () => {
  await expect(withCommands(LIST, 9, async () => '')).rejects.toThrow('cannot be read');
});

test('the question needs no profile and no shell', () => {
  expect(powershellArgs(['node.exe', 'bun.exe']).join(' ')).toContain(`-Filter "Name='node.exe' OR Name='bun.exe'"`);
});
