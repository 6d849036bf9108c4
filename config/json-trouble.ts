/** Where a text stops being JSON, and what was expected. Node's messages vary and often lack the position. */
export type JsonTrouble = { readonly message: string; readonly offset: number };

const TOKEN =
  /[ \t\r\n]*(?:("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))|([{}[\],:]))/y;

const EXPECTED = {
  value: 'a value',
  'first value': 'a value or ]',
  name: 'a name in double quotes',
  'first name': 'a name in double quotes, or }',
  colon: 'a colon',
  'after member': 'a comma or }',
  'after element': 'a comma or ]',
  end: 'nothing more',
} as const;

type Wanted = keyof typeof EXPECTED;

/** Undefined if the text is JSON. */
export function jsonTrouble(text: string): JsonTrouble | undefined {
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'value';
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [, string, literal, sign] = TOKEN.exec(text) ?? [];
    const next = after(wanted, { string, literal, sign }, open);
    if (next === undefined) return troubleAt(text, at, wanted);
    wanted = next;
  }
}

type Token = Readonly<Record<'string' | 'literal' | 'sign', string | undefined>>;

/** What is wanted after the token; undefined if the token is not wanted. Tracks brackets in `open`. */
function after(wanted: Wanted, { string, literal, sign }: Token, open: ('{' | '[')[]): Wanted | undefined {
  const settled = (): Wanted => {
    const inner = open.at(-1);
    return inner === undefined ? 'end' : inner === '{' ? 'after member' : 'after element';
  };
  const close = (): Wanted => (open.pop(), settled());
  switch (wanted) {
    case 'value':
    case 'first value':
      if (string !== undefined || literal !== undefined) return settled();
      if (sign === '{') return (open.push('{'), 'first name');
      if (sign === '[') return (open.push('['), 'first value');
      return wanted === 'first value' && sign === ']' ? close() : undefined;
    case 'name':
    case 'first name':
      if (string !== undefined) return 'colon';
      return wanted === 'first name' && sign === '}' ? close() : undefined;
    case 'colon':
      return sign === ':' ? 'value' : undefined;
    case 'after member':
      return sign === ',' ? 'name' : sign === '}' ? close() : undefined;
    case 'after element':
      return sign === ',' ? 'value' : sign === ']' ? close() : undefined;
    case 'end':
      return undefined;
  }
}

function troubleAt(text: string, from: number, wanted: Wanted): JsonTrouble | undefined {
  const offset = from + (/^[ \t\r\n]*/.exec(text.slice(from))?.[0].length ?? 0);
  if (offset >= text.length) {
    return wanted === 'end' ? undefined : { message: `expected ${EXPECTED[wanted]}, but the text ends`, offset };
  }
  const found = text.slice(offset, offset + 2);
  if (found === '//' || found === '/*' || found[0] === '#') return { message: 'comments are not allowed', offset };
  if (found[0] === '"' && wanted !== 'colon' && !wanted.startsWith('after') && wanted !== 'end') {
    return { message: 'expected a string closed on the same line, with \\ and control characters escaped', offset };
  }
  const letter = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return { message: `expected ${EXPECTED[wanted]}, found ${nameOf(letter)}`, offset };
}

/** A single character: the rest may be a secret. */
const nameOf = (letter: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(letter)
    ? letter
    : `U+${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
