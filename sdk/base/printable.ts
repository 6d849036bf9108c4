import { stripVTControlCharacters } from 'node:util';

/**
 * Characters that control a terminal or a menu, or reorder text: control characters other than newline and tab, and
 * bidirectional marks.
 */
const STEERING = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Foreign text, safe to show to the user. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(STEERING, '');

/** The same on one line, for a label or a command. */
export const printableLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ').trim();

/** The same for JSON text. Nothing is lost: such characters become escapes. */
export const printableJson = (json: string): string =>
  json.replace(STEERING, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
