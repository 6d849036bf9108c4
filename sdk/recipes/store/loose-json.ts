const CLOSER: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
/** The longest text before the value, such as `)]}'` or `while(1);`. */
const LONGEST_PREFIX = 64;

/** A value, and whether the text ended before the value did. */
export type Loose = { readonly value: unknown; readonly isTorn: boolean };

export const NOTHING: Loose = { value: undefined, isTorn: false };

/**
 * Finds the first object or list in a text. One that was cut off is read up to its last whole member. No regular
 * expression, because the text may be long and hostile.
 */
export function looseJson(text: string): Loose {
  const whole = parse(text);
  if (isContainer(whole)) return { value: whole, isTorn: false };
  if (typeof whole === 'string') return looseJson(whole);
  const start = text.slice(0, LONGEST_PREFIX);
  const from = start.includes('{') ? start.indexOf('{') : start.indexOf('[');
  return from < 0 ? NOTHING : firstValue(text, from);
}

const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses the value that begins at `from`. If the text ends early, the value is closed after its last whole member. */
function firstValue(text: string, from: number): Loose {
  const open: string[] = [];
  let good = { end: from, depth: 0 };
  let isValue = false; // Whether a string that begins now is a value, not a key.
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') {
      at = endOfString(text, at);
      if (isValue && at < text.length) good = { end: at + 1, depth: open.length };
    } else if (char === '{' || char === '[') {
      open.push(CLOSER[char] ?? '');
      isValue = char === '[';
    } else if (char === '}' || char === ']') {
      open.pop();
      good = { end: at + 1, depth: open.length };
      if (open.length === 0) break;
    } else if (char === ',') {
      good = { end: at, depth: open.length };
      isValue = open.at(-1) === ']';
    } else if (char === ':') isValue = true;
  }
  const closed = text.slice(from, good.end) + open.slice(0, good.depth).toReversed().join('');
  return { value: parse(closed), isTorn: open.length > 0 };
}

/** The index of the closing quote, or the length of the text if there is none. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}
