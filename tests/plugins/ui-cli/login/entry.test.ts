import { expect, test } from 'vitest';
import { NO_ENTRY, typeKey } from '../../../../plugins/ui-cli/login/entry.ts';

type Key = readonly [key: string, text?: string];

/** What is entered, and what is left in the line. */
function type(keys: readonly Key[]) {
  let entry = NO_ENTRY;
  const entered: string[] = [];
  for (const [key, text = ''] of keys) {
    const typed = typeKey(entry, key, text);
    entry = typed.entry;
    if (typed.entered !== undefined) entered.push(typed.entered);
  }
  return { entered, left: entry.text };
}

const letters = (text: string): readonly Key[] =>
  [...text].map(letter => (letter === '\n' ? ['return', '\r'] : [letter.toLowerCase(), letter]));
const paste = (text: string): readonly Key[] => [['paste-start'], ...letters(text), ['paste-end']];
const ENTER: Key = ['return', '\r'];

test.each<[string, readonly Key[], readonly string[], string]>([
  ['Enter ends a code', [...letters('Ab#1'), ENTER], ['Ab#1'], ''],
  ['Enter alone enters nothing', [ENTER, ['enter', '\n']], [], ''],
  ['spaces alone are no code', [...letters('  '), ENTER], [], '  '],
  ['spaces around a code do not count', [...letters(' a1 '), ENTER], ['a1'], ''],
  ['a line break within a paste does not end the code', [...paste('ab\ncd\n'), ENTER], ['abcd'], ''],
  ['a line break of a terminal that marks no paste does', letters('ab\ncd'), ['ab'], 'cd'],
  ['Backspace takes back a whole character', [...letters('a😀'), ['backspace', '\x7f'], ENTER], ['a'], ''],
  ['Backspace in an empty line does nothing', [['backspace', '\x7f'], ...letters('a'), ENTER], ['a'], ''],
  ['Escape empties the line', [...letters('wrong'), ['escape', '\x1b'], ...letters('a'), ENTER], ['a'], ''],
  ['keys that type nothing are ignored', [['up'], ['f1', '\x1bOP'], ['tab', '\t'], ['a', '\x1ba'], ENTER], [], ''],
])('%s', (_title, keys, entered, left) => expect(type(keys)).toEqual({ entered, left }));
