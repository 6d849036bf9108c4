import { describe, expect, test } from 'vitest';
import type { Plot } from '../../bench/benchmark.ts';
import { logTicks } from '../../bench/report/axis.ts';
import { toSvg } from '../../bench/report/plot.ts';

const plot: Plot = {
  name: 'lateness',
  title: 'Lateness of <alarms>',
  x: { title: 'sessions', scale: 'log' },
  y: { title: 'milliseconds' },
  lines: {
    ours: [
      [10, 1],
      [100_000, 30],
    ],
    'setTimeout & co': [
      [10, 2],
      [100_000, 40],
    ],
    'n·log n': [
      [10, 1],
      [100_000, 20],
    ],
  },
  references: ['n·log n'],
};

/** The lines of the plot, without those of axes and the legend. */
const linesIn = (svg: string): readonly string[] =>
  svg.match(/<path aria-label="[^>]*role="graphics-symbol" aria-roledescription="line mark"[^>]*>/g) ?? [];

describe('a plot', () => {
  test('is an SVG with its titles, and a name in the legend for each line', async () => {
    const svg = await toSvg(plot);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    expect(texts).toEqual(
      expect.arrayContaining(['Lateness of &lt;alarms&gt;', 'sessions', 'milliseconds', ...NAMES, '10', '1k', '100k']),
    );
  });

  test('has a line for each name, in different colours, and dashes only the references', async () => {
    const lines = linesIn(await toSvg(plot));
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(line => /stroke="([^"]+)"/.exec(line)?.[1])).size).toBe(3);
    expect(lines.filter(line => /stroke-dasharray="6,4"/.test(line))).toHaveLength(1);
  });

  test('leaves out points that a logarithmic axis cannot show', async () => {
    const svg = await toSvg({
      ...plot,
      y: { title: 'ms', scale: 'log' },
      lines: {
        ours: [
          [0, 1],
          [10, 0],
          [10, 5],
        ],
      },
    });
    expect(svg).not.toContain('NaN');
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(1);
  });
});

const NAMES = ['ours', 'setTimeout &amp; co', 'n·log n'];

test.each([
  [
    [10, 100_000],
    [10, 100, 1_000, 10_000, 100_000],
  ],
  [
    [0.003, 20],
    [0.001, 0.01, 0.1, 1, 10, 100],
  ],
  [
    [3, 70],
    [1, 2, 5, 10, 20, 50, 100],
  ],
  [[5], [1, 2, 5, 10]],
  [[100], [100, 200, 500, 1_000]],
])('the ticks of a logarithmic axis for %j are %j', (values, ticks) => {
  expect(logTicks(values)).toEqual(ticks);
});
