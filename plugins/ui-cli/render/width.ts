import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Columns that the text takes on a terminal. */
export const displayWidth = (text: string): number => stringWidth(text);

const segmenter = new Intl.Segmenter();

/**
 * The text cut to a width, with an ellipsis if something is missing. For text without styles.
 * Not by cli-truncate: its result is too wide if the cut is inside a wide character or an emoji (5.2.0).
 */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
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
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    const fits = displayWidth(longer) <= width - indent.length;
    if (line !== '' && !fits) lines.push(line);
    line = fits ? longer : word;
  }
  return [...lines, line].join(`\n${indent}`);
}

/** Text from elsewhere on one line, without anything that would control a terminal. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
