import { styleText } from 'node:util';

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

/** Puts a style on a text, or leaves it plain. */
type Paint = (style: Style, text: string) => string;

/** How and when something is looked at: all that rendering needs to know of the outside. */
export type View = {
  readonly now: number;
  /** Columns to fit in; infinite where nobody looks, as in a file. */
  readonly width: number;
  readonly paint: Paint;
};

export const plain: Paint = (_style, text) => text;

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });
