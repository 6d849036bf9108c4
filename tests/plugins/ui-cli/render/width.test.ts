import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { displayWidth, NARROW, oneLine, padEnd, truncate, wrap } from '../../../../plugins/ui-cli/render/width.ts';

test.each([
  ['plain', 5],
  ['', 0],
  ['é', 1],
  ['e\u0301', 1],
  ['● alive', 7],
  ['日本', 4],
  ['한국어', 6],
  ['👩‍💻', 2],
  ['⚠️', 2],
  ['\x1b[31mred\x1b[39m', 3],
  ['a\u200bb', 2],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ['short', 5, 'short'],
  ['too long', 5, 'too…'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
  ['a👩‍💻bcd', 3, 'a…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
])('%j cut to %i is %j', (text, width, expected) => {
  expect(truncate(text, width)).toBe(expected);
  expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
});

test('padding counts columns, not characters', () => {
  expect(padEnd('日本', 6)).toBe('日本  ');
});

test('lines are wrapped between words, and never inside a command', () => {
  expect(wrap('say `keepalive explain codex`, then wait a little', 22, '  ')).toBe(
    'say\n  `keepalive explain codex`,\n  then wait a little',
  );
  expect(wrap('never broken', Infinity)).toBe('never broken');
});

test('foreign text cannot control the terminal', () => {
  expect(oneLine('\x1b[2Jgone\r\n\x07bell\u009b2J \t end')).toBe('gone bell end');
});

test('each character that is taken as narrow has one column', () => {
  const letters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCodePoint(code));
  const narrow = letters.filter(letter => NARROW.test(letter));
  expect(narrow.length).toBeGreaterThan(500);
  expect(narrow.filter(letter => stringWidth(letter) !== 1)).toEqual([]);
});
