import { expect, test } from 'vitest';
import { commandWords } from '../../../sdk/base/command-words.ts';

test.each<[string, readonly string[]]>([
  ['codex exec', ['codex', 'exec']],
  [
    '"C:\\Program Files\\nodejs\\node.exe"  "C:\\a b\\codex.js" exec',
    ['C:\\Program Files\\nodejs\\node.exe', 'C:\\a b\\codex.js', 'exec'],
  ],
  ['', []],
])('the words of %s are %j', (command, words) => {
  expect(commandWords(command)).toEqual(words);
});
