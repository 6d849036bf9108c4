import { expect, test } from 'vitest';
import type { Figure } from '../../bench/benchmark.ts';
import type { Machine } from '../../bench/report/machine.ts';
import { renderReadme, TITLES, type Results } from '../../bench/report/readme.ts';
import { BENCHMARKS } from '../../bench/subjects/index.ts';
import { anchors, relativeLinks, tableRows } from '../support/docs/markdown.ts';
import { readText } from '../support/sources.ts';

const machine: Machine = {
  date: '2026-01-02',
  node: '20.20.2',
  system: 'Linux 6.1',
  processor: '2 × Some Processor',
  memoryGiB: 8,
  peers: { croner: '11.0.1', ws: '8.23.0' },
};

const figure = (given: Partial<Figure>): Figure => ({ id: 'a', what: 'lateness', value: 30, unit: 'ms', ...given });
const results = (given: Partial<Results>): Results => ({ machine, figures: [figure({})], ...given });

test('a section has the command, the machine with the versions of the peers, a table, the notes and the plots', () => {
  const page = renderReadme({
    alarms: results({
      figures: [
        figure({ beside: { setTimeout: 20, croner: 0 }, goal: { atMost: 1.4, of: 'setTimeout' }, note: 'all at once' }),
        figure({ what: 'bytes | calls', value: 2, unit: 'B', goal: { atMost: 2 } }),
        figure({ what: 'memory', value: NaN, unit: 'MiB' }),
      ],
      plots: [{ name: 'alarms-lateness', title: 'Lateness' }],
    }),
  });
  const [, section = ''] = page.split(/^(?=## )/m);
  expect(section.trimEnd().split('\n\n')).toEqual([
    '## Alarms',
    '`npm run bench -- alarms`, 2026-01-02: 2 × Some Processor, 8 GiB, Linux 6.1, Node 20.20.2, croner 11.0.1.',
    [
      '| what | value | beside | ratio | goal | reached |',
      '| --- | --: | --- | --: | --- | --- |',
      '| lateness | 30 ms | setTimeout 20 ms<br>croner 0 ms | 1.5<br>– | ≤ 1.4 × setTimeout | **no** |',
      '| bytes \\| calls | 2 B |  |  | ≤ 2 B | yes |',
      '| memory | unknown MiB |  |  |  |  |',
    ].join('\n'),
    '- lateness: all at once',
    '![Lateness](alarms-lateness.svg)',
  ]);
});

test('the sections are in the order of the titles, and a benchmark without a title comes last', () => {
  const page = renderReadme({ mine: results({}), rpc: results({}), alarms: results({}) });
  expect(anchors(page)).toEqual(['results', 'alarms', 'the-api', 'mine']);
});

test('the page of no results has its introduction, whose links are correct', () => {
  const page = renderReadme({});
  expect(anchors(page)).toEqual(['results']);
  expect(relativeLinks(page)).toEqual(['../../docs/performance.md']);
  expect(tableRows(page, /./)).toEqual([]);
});

test('every benchmark has a title, which docs/performance.md has as a heading', () => {
  expect(Object.keys(BENCHMARKS).filter(name => TITLES[name] === undefined)).toEqual([]);
  const headings = [...readText('docs/performance.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings.filter(heading => Object.values(TITLES).includes(heading ?? ''))).toEqual(Object.values(TITLES));
});
