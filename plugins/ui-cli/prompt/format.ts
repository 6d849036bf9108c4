/** What a format may contain. */
const PLACEHOLDERS = ['symbol', 'summary', 'alive', 'total', 'trouble', 'next', 'ids'];

/** Puts values into a format. */
export const fill = (format: string, values: Readonly<Record<string, string>>): string =>
  format.replace(PLACEHOLDER, (placeholder, name: string) => values[name] ?? placeholder).trim();

const PLACEHOLDER = /\{(\w+)\}/g;

/** What is wrong with a format, and which placeholders there are. Undefined if nothing is. */
export function problemOf(format: string): string | undefined {
  const names = [...format.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const unknown = names.find(name => !PLACEHOLDERS.includes(name));
  const all = PLACEHOLDERS.map(name => `{${name}}`).join(' ');
  if (unknown !== undefined) return `There is no placeholder {${unknown}}. There are: ${all}`;
  // The same text whatever happens is a mistake: the name of a program, as `waybar` is one.
  return format === '' || format === 'waybar' || names.length > 0
    ? undefined
    : `"${format}" is not a format. A format is waybar, or a text with some of ${all}`;
}
