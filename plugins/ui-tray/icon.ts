import type { IconState } from './model.ts';

type Colour = readonly [red: number, green: number, blue: number];
/** The distance of a point to a shape, on a square from -1 to 1. Negative inside the shape. */
type Shape = (x: number, y: number) => number;

const disc =
  (radius: number): Shape =>
  (x, y) =>
    Math.hypot(x, y) - radius;
const ring =
  (radius: number, width: number): Shape =>
  (x, y) =>
    Math.abs(Math.hypot(x, y) - radius) - width / 2;
const capsule =
  (fromY: number, toY: number, radius: number): Shape =>
  (x, y) =>
    Math.hypot(x, y - Math.min(Math.max(y, fromY), toY)) - radius;
const either =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    Math.min(...shapes.map(shape => shape(x, y)));

const exclamation = either(capsule(-0.5, 0.05, 0.15), capsule(0.48, 0.48, 0.16));

/** They differ in shape as well as in colour, and are visible on light and dark panels. Grey if all is well. */
const STYLES: Readonly<Record<IconState, { readonly colour: Colour; readonly shape: Shape; readonly cut?: Shape }>> = {
  quiet: { colour: [150, 156, 164], shape: either(ring(0.72, 0.2), disc(0.34)) },
  away: { colour: [150, 156, 164], shape: ring(0.72, 0.2) },
  soon: { colour: [232, 160, 32], shape: disc(0.92), cut: exclamation },
  needed: { colour: [222, 60, 54], shape: disc(0.92), cut: exclamation },
};

/** The icon as rows of red, green, blue and alpha. Drawn by code, so that no file has to be found. */
export function drawIcon(icon: IconState, size: number): Uint8Array {
  const {
    colour: [red, green, blue],
    shape,
    cut,
  } = STYLES[icon];
  const pixels = new Uint8Array(size * size * 4);
  const covers = (at: Shape, x: number, y: number) => Math.min(1, Math.max(0, 0.5 - (at(x, y) * size) / 2));
  const position = (index: number) => ((index + 0.5) * 2) / size - 1;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [position(column), position(row)];
      const white = cut ? covers(cut, x, y) : 0;
      const mix = (part: number) => Math.round(part + (255 - part) * white);
      pixels.set([mix(red), mix(green), mix(blue), Math.round(covers(shape, x, y) * 255)], (row * size + column) * 4);
    }
  }
  return pixels;
}
