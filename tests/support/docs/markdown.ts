import { filesBelow } from '../sources.ts';

/** All Markdown documents, by their path in the repository. */
export const documents = (): readonly string[] => [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...filesBelow('docs').filter(file => file.endsWith('.md')),
];

/** The code blocks of a language. */
export const snippets = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, found, code = '']) => (found === language ? [code] : []));

/** The lines that can be wrapped: no tables, code or images. */
export const prose = (text: string): readonly string[] =>
  text
    .replaceAll(/^```.*?^```$/gms, '')
    .split('\n')
    .filter(line => !/^\s*[|<!]/.test(line));

/** The cells of the tables below a heading, without the header rows. */
export function tableRows(text: string, heading: RegExp): readonly (readonly string[])[] {
  const section = text.split(/^(?=## )/m).filter(part => heading.test(part.split('\n', 1)[0] ?? ''));
  const lines = section.flatMap(part => part.split('\n')).filter(line => line.startsWith('|'));
  const isRule = (line = '') => /^\|[-|]+\|$/.test(line);
  return lines
    .filter((line, index) => !isRule(line) && !isRule(lines[index + 1]))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    );
}

/** The sections of a promise, `### R1: …`: its number and the files that it names. */
export const promises = (text: string): readonly { readonly id: string; readonly files: readonly string[] }[] =>
  text.split(/^#{2,3} /m).flatMap(section => {
    const [, id] = /^([RS]\d+): /.exec(section) ?? [];
    const files = [...section.matchAll(/`(tests\/[^`]+)`/g)].map(([, file = '']) => file);
    return id === undefined ? [] : [{ id, files }];
  });

/** A cell without its backticks. */
export const plain = (cell = ''): string => cell.replaceAll('`', '');

/** The targets of links that point into the repository. */
export const relativeLinks = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => (/^[a-z]+:/.test(target) ? [] : [target]));

/** The anchors of the headings. */
export const anchors = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
