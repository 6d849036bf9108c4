import { printableLine } from '../../../sdk/base/printable.ts';
import type { Survey } from './summary.ts';

/** The command that runs this program, and what each of our commands needs after its name. */
export type OwnCommand = { readonly program: readonly string[]; readonly after: readonly string[] };

/** The menu below the line: what it is about, and what can be done. In the format of xbar and SwiftBar. */
export function menuOf({ doubt, items }: Survey, command: OwnCommand, mark: (text: string) => string): string {
  const about = items.flatMap(({ id, label, needsUser, action }) => {
    const line = literal(`${id}: ${label}`);
    return [needsUser ? mark(line) : line, ...(action ? [`--${literal(action)}`] : [])];
  });
  const entry = (title: string, ...words: readonly string[]) => `${title} | ${click(command, words)}`;
  const remedy = doubt ? doubt.remedy : items.length === 0 ? 'start' : undefined;
  const actions = [
    ...(remedy ? [entry(remedy === 'start' ? 'Start Keepalive' : 'Restart Keepalive', remedy)] : []),
    ...(doubt || remedy ? [] : [entry('Refresh now', 'refresh', '--all'), entry('Open the settings page', 'ui')]),
  ];
  const sections = [doubt ? [literal(doubt.tooltip)] : about, actions].filter(({ length }) => length > 0);
  return sections.map(lines => ['---', ...lines].join('\n')).join('\n');
}

/** One line without `|` (ends a title), `\n` (a line break in SwiftBar) and dashes in front (indent). */
const literal = (text: string): string =>
  printableLine(text)
    .replace(/^[ -]+/, '')
    .replaceAll('|', '¦')
    .replaceAll('\\', '⧵');

/** The parameters of an entry that runs one of our commands, and then this one again. */
function click({ program: [program = '', ...args], after }: OwnCommand, words: readonly string[]): string {
  const params = [...args, ...words, ...after].map((word, index) => `param${index + 1}=${quoted(word)}`);
  return [`bash=${quoted(program)}`, ...params, 'terminal=false', 'refresh=true'].join(' ');
}

const quoted = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `"${word}"`);
