/** The text on one line, with a full stop. It may end with a sentence in brackets. */
export const sentence = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/(?<=\S)(?<![.!?…]["”)]?)$/, '.');

/** The same without its full stop, to stand within a sentence. One that ends in brackets loses that of the brackets. */
export const clause = (text: string): string => sentence(text).replace(/\.(\)?)$/, '$1');

/** Words as a list in a sentence: `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[], joint = 'and'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;

/** A number of things: `1 session`, `3 sessions`. */
export const counted = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
