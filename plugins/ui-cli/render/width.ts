import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/** Columns that the text takes on a terminal. */
export const displayWidth = (text: string): number => (NARROW.test(text) ? text.length : stringWidth()(text));

/** Characters of one column each: Latin letters, and the punctuation and symbols that we use ourselves. */
export const NARROW =
  /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u25a0-\u25fc\u2713-\u2717]*$/;

/** Loaded when other text needs it: compiling its regular expression for emoji takes longer than all our modules. */
const stringWidth = (): ((text: string) => number) => require('string-width').default;
const require = createRequire(import.meta.url);

let segmenter: Intl.Segmenter | undefined;

/**
 * The text cut to a width, with an ellipsis if something is missing. For text without styles.
 * Not by cli-truncate: its result is too wide if the cut is inside a wide character or an emoji (5.2.0).
 */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  // Made when a text is cut: most commands cut none, and loading its rules takes some 8 ms.
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return width > 0 ? `${kept.trimEnd()}…` : '';
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** The text in lines of at most `width`, broken between words but never inside `code`. Further lines are indented. */
export function wrap(text: string, width: number, indent = ''): string {
  const words = text.replace(/\s+/g, ' ').match(/`[^`]*`\S*|\S+/g) ?? [];
  const room = width - indent.length;
  const lines: string[][] = [];
  let taken = 0;
  for (const word of words) {
    const needed = displayWidth(word);
    const line = taken + 1 + needed <= room ? lines.at(-1) : undefined;
    if (line) line.push(word);
    else lines.push([word]);
    taken = line ? taken + 1 + needed : needed;
  }
  return lines.map(line => line.join(' ')).join(`\n${indent}`);
}

/** Text from elsewhere on one line, without anything that would control a terminal. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
