/** What the text of a format may contain. Help, completion and documentation are made from, or checked against, it. */
export const PLACEHOLDERS = {
  symbol: 'one character for the class',
  summary: 'what matters most, such as `3 alive` or `codex login required`',
  alive: 'how many sessions are alive',
  total: 'how many sessions there are',
  trouble: 'the names of everything that needs you',
  next: 'when the next attempt is due, such as `in 4 min`',
  ids: 'the names of all sessions, those that need a login first',
  class: 'the class',
  needs: 'how many sessions, plugins and notices need you',
  ends: 'when the first login ends, such as `in 23 days`; empty if no end is known',
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;
/**
 * No value has a character that means something to a shell, a bar or a markup language. So the same value can go into
 * each of them.
 */
export type Values = Readonly<Record<Placeholder, string>>;

const PLACEHOLDER = /\{(\w+)\}/g;

/** The names of the placeholders in a text, also of unknown ones. */
export const placeholdersIn = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

export const isPlaceholder = (name: string): name is Placeholder => Object.hasOwn(PLACEHOLDERS, name);

/** Puts values into a text. */
export const fill = (text: string, values: Values): string =>
  text.replace(PLACEHOLDER, (placeholder, name: string) => (isPlaceholder(name) ? values[name] : placeholder)).trim();
