import { parse, View } from 'vega';
import { compile, type Config } from 'vega-lite';
import type { Plot } from '../benchmark.ts';
import { axisOf } from './axis.ts';

const LOOK: Config = {
  background: 'white', // Also in a dark page.
  padding: 16,
  font: 'sans-serif',
  title: { anchor: 'start', fontSize: 16, offset: 12 },
  axis: { labelFontSize: 12, titleFontSize: 13, titleFontWeight: 'normal', gridColor: '#e5e5e5' },
  legend: {
    orient: 'top',
    columns: 3,
    labelLimit: 0,
    labelFontSize: 13,
    symbolType: 'stroke',
    symbolSize: 350,
    symbolStrokeWidth: 2.5,
  },
};

/** The colours of Okabe and Ito, which colour-blind people can distinguish. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'];
const GREY = '#767676';

/**
 * The plot as a picture: a line with its points per name, and a dashed line per reference. A logarithmic axis leaves
 * out points that are not above zero.
 */
export async function toSvg({ title, x, y, lines, references = [] }: Plot): Promise<string> {
  const names = Object.keys(lines);
  const measured = names.filter(name => !references.includes(name));
  const values = Object.entries(lines)
    .flatMap(([name, points]) => points.map(([xValue, yValue]) => ({ name, x: xValue, y: yValue })))
    .filter(point => (x.scale !== 'log' || point.x > 0) && (y.scale !== 'log' || point.y > 0));
  const [xs, ys] = [values.map(point => point.x), values.map(point => point.y)];
  const byName = (range: readonly (string | readonly number[])[]) =>
    ({
      field: 'name',
      type: 'nominal',
      title: null,
      sort: names,
      scale: { domain: names, range: [...range] },
    }) as const;
  const colours = byName(names.map(name => colourOf(measured.indexOf(name))));
  const dashes = byName(names.map(name => (measured.includes(name) ? [1, 0] : [6, 4])));
  const { spec } = compile({
    config: LOOK,
    width: 640,
    height: 360,
    title,
    data: { values },
    encoding: { x: axisOf('x', x, xs), y: axisOf('y', y, ys), color: colours },
    layer: [
      { mark: { type: 'line', strokeWidth: 2.5 }, encoding: { strokeDash: dashes } },
      {
        transform: [{ filter: { field: 'name', oneOf: measured } }],
        mark: { type: 'point', filled: true, size: 45, opacity: 1 },
      },
    ],
  });
  return `${await new View(parse(spec), { renderer: 'none' }).toSVG()}\n`;
}

const colourOf = (index: number): string => (index < 0 ? GREY : (COLOURS[index % COLOURS.length] ?? GREY));
