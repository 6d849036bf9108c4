import { inspect } from 'node:util';
import { printable } from '../../../sdk/base/printable.ts';

/** `ink` is black on white in every theme of the terminal, as a QR code has to be. */
export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim' | 'ink';

/** Gives a text a style, or leaves it plain. */
type Paint = (style: Style, text: string) => string;

/** All that rendering depends on besides its data. */
export type View = {
  readonly now: number;
  /** Columns to fit in. Infinite if the output is no terminal. */
  readonly width: number;
  /** Rows to fit in, if the output is a terminal. */
  readonly height?: number | undefined;
  readonly paint: Paint;
};

export const plain: Paint = (_style, text) => text;

/** Marks our own styles. Text from elsewhere cannot know this number, so its escape sequences are removed. */
const MARK = Array.from({ length: 4 }, () => 1_000 + Math.floor(Math.random() * 9_000)).join(';');
const OWN_STYLE = new RegExp(`\\x1b\\[${MARK};([\\d;]+)m`);

/** Of the 256 colours: a theme may have another black and white among its first 16. */
const INK = ['38;5;16;48;5;231', '39;49'] as const;

export const coloured: Paint = (style, text) => {
  const [open, close] = style === 'ink' ? INK : (inspect.colors[style] ?? []);
  return `\x1b[${MARK};${open}m${text}\x1b[${MARK};${close}m`;
};

/** Text that is safe for a terminal: no control characters, only our own styles. */
export const shown = (text: string): string =>
  text
    .split(OWN_STYLE)
    .map((part, index) => (index % 2 === 0 ? printable(part) : `\x1b[${part}m`))
    .join('');
