import { expect, test } from 'vitest';
import type { Release } from '../../sdk/vendors/releases.ts';
import { ageLine, filledIn, pages, releaseTable } from '../../vendors/document.ts';
import { PROGRAMS } from '../../vendors/programs/index.ts';
import { differences, merge, readTable, tableText } from '../../vendors/table.ts';
import { readWanted } from '../../vendors/wanted.ts';
import { releaseRow as row } from '../support/vendors/release-row.ts';

test('a new row replaces the old one, and rows are in the order of releases', () => {
  const rows = [row('1.10.0', 'proven'), row('1.9.0', 'proven')];
  expect(merge(rows, [row('1.9.0', 'held-back', { reason: 'x' }), row('1.11.0', 'proven')])).toEqual([
    row('1.9.0', 'held-back', { reason: 'x' }),
    row('1.10.0', 'proven'),
    row('1.11.0', 'proven'),
  ]);
});

test('a release that could not be run keeps what is known of it', () => {
  expect(merge([row('1', 'proven')], [row('1', 'unknown'), row('2', 'unknown')])).toEqual([
    row('1', 'proven'),
    row('2', 'unknown'),
  ]);
});

test('a run without news has no differences on another day', () => {
  expect(differences([row('1', 'proven')], [row('1', 'proven', { on: '2026-02-01', faults: 41 })])).toEqual([]);
});

test.each<[string, Release, readonly (readonly [string, boolean])[]]>([
  ['a new release that is proven is no failure', row('2', 'proven'), [['+ tool 2 (ask) is proven', false]]],
  [
    'a new release that is held back is one',
    row('2', 'held-back', { reason: 'x' }),
    [['+ tool 2 (ask) is held-back, because of x', true]],
  ],
  [
    'a release that fell shows both',
    row('1', 'held-back', { reason: 'x' }),
    [
      ['- tool 1 (ask) was proven', true],
      ['+ tool 1 (ask) is held-back, because of x', true],
    ],
  ],
  [
    'so does another fact',
    row('1', 'proven', { lockStaleMs: 60_000 }),
    [
      ['- tool 1 (ask) was proven', true],
      ['+ tool 1 (ask) is proven, takes a lock after 60 s', true],
    ],
  ],
])('%s', (_name, found, expected) => {
  expect(differences([row('1', 'proven')], [found])).toEqual(expected.map(([line, isBad]) => ({ line, isBad })));
});

test('the file has one row a line', () => {
  const text = tableText([row('1', 'proven'), row('2', 'proven')]);
  expect(JSON.parse(text)).toHaveLength(2);
  expect(text.split('\n')).toHaveLength(5);
});

test('the pages show the table that the product uses', () => {
  expect(pages(readTable()).filter(([, is, should]) => is !== should)).toEqual([]);
});

test('a page shows each row, and why a release is held back', () => {
  expect(releaseTable([row('1', 'held-back', { reason: 'it lost a login', lockStaleMs: 60_000 })])).toBe(
    [
      '| program | release | asked by | verdict | faults | takes a left lock after | run on |',
      '|---|---|---|---|---|---|---|',
      '| tool | 1 | `ask` | **held back** | 40 | 60 s | 2026-01-10 |',
      '',
      '| release | why |',
      '|---|---|',
      '| tool 1 (`ask`) | it lost a login |',
    ].join('\n'),
  );
});

test('the line of the README names the newest proven releases and the day of the last run', () => {
  const rows = [row('1', 'proven'), row('2', 'proven', { on: '2026-01-12' }), row('3', 'held-back')];
  expect(ageLine(rows)).toMatch(/on 2026-01-12: tool 2\./);
  const many = Array.from({ length: 12 }, (_, index) => row('1.0.0', 'proven', { program: `program-${index}` }));
  expect(ageLine(many).split('\n')).toHaveLength(3);
  expect(
    ageLine(many)
      .split('\n')
      .every(line => line.length <= 120),
  ).toBe(true);
  expect(ageLine(many).replaceAll('\n', ' ')).toContain('program-4 1.0.0, program-5 1.0.0,');
});

test('only what is between the marks is replaced', () => {
  expect(filledIn('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe('a\n<!-- x -->\nnew\n<!-- /x -->\nb');
  expect(filledIn('a', 'x', 'new')).toBe('a');
});

test('programs are named alone or with a release, and all are wanted if none is', () => {
  expect(readWanted([]).map(({ program }) => program.name)).toEqual(PROGRAMS.map(({ name }) => name));
  expect(readWanted(['claude@2.1.332', 'codex'])).toMatchObject([
    { program: { name: 'claude' }, release: '2.1.332' },
    { program: { name: 'codex' }, release: undefined },
  ]);
  expect(() => readWanted(['foo'])).toThrow('There is no program foo. There are: claude, codex');
});
