import { stripVTControlCharacters } from 'node:util';

/**
 * What steers a terminal or a menu, or shows text in another order than it has: control characters other than newline and tab, and the marks
 * of bidirectional text.
 */
const STEERING = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from elsewhere as it may be shown to a person. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(STEERING, '');

/** The same for JSON text: nothing is lost, but a terminal shows it as escapes. */
export const printableJson = (json: string): string =>
  json.replace(STEERING, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
