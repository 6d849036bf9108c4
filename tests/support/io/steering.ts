export const ESCAPE = '\x1b';

/** Text that controls a terminal, and what the filter leaves of it. */
export const STEERING: readonly (readonly [what: string, text: string, left: string])[] = [
  ['clears the screen', 'a\x1b[2Jb', 'ab'],
  ['moves the cursor up, over earlier output', 'a\x1b[1A\x1b[2Kb', 'ab'],
  ['has foreign colours', 'a\x1b[32mb\x1b[0mc', 'abc'],
  ['sets the title of the window', 'a\x1b]0;title\x07b', 'ab'],
  ['has a link', 'a\x1b]8;;http://evil.test\x1b\\b\x1b]8;;\x1b\\', 'ab'],
  ['writes to the clipboard', 'a\x1b]52;c;cm0gLXJm\x07b', 'ab'],
  ['begins a sequence and does not end it', 'a\x1b', 'a'],
  ['has sequences of one letter', 'a\u009b2Jb\u0085c', 'abc'],
  ['goes back to the start of the line', 'all is lost\rall is well', 'all is lostall is well'],
  ['erases characters and rings the bell', 'a\b\x07\x7f\x00b', 'ab'],
  ['changes the direction of text', 'a\u202eb\u2066c\u2069d\u200ee\u200ff\u061cg', 'abcdefg'],
];

/** Whether text contains control characters other than newlines, tabs and our styles. */
export const steers = (text: string): boolean =>
  /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll(OWN_STYLES, ''));
const OWN_STYLES = new RegExp(`${ESCAPE}\\[(?:1|2|22|3[0-9])m`, 'g');
