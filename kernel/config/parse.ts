import { extname } from 'node:path';
import { withoutMark } from '../../sdk/config-places.ts';
import { jsonTrouble } from './json-trouble.ts';

/** The text of a configuration. Windows' shells write UTF-16, which looks like rubbish otherwise. */
export function textOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 4).toString('latin1');
  // Without a mark, every other byte of plain text is 0.
  if (/^(\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(start)) throw new Error('it is UTF-16 text: save it as UTF-8');
  return withoutMark(bytes);
}

/** What JSON or YAML says. An error has the place in it, and nothing of the text: there may be a secret in that. */
export async function parseData(file: string, text: string): Promise<unknown> {
  const { defaultLoaders } = await import('cosmiconfig');
  const isJson = extname(file) === '.json';
  let trouble: string;
  try {
    return defaultLoaders[isJson ? '.json' : '.yaml'](file, text);
  } catch (error) {
    trouble = isJson ? troubleInJson(text) : troubleInYaml(error);
  }
  throw new Error(trouble); // The parser's own has the text in it.
}

function troubleInJson(text: string): string {
  const trouble = jsonTrouble(text);
  if (!trouble) return 'it is not JSON that can be read';
  const before = text.slice(0, trouble.offset).split(/\r\n|\r|\n/);
  return `not JSON: ${trouble.message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

function troubleInYaml(error: unknown): string {
  const { reason, mark }: { readonly reason?: unknown; readonly mark?: { readonly line?: unknown; readonly column?: unknown } } = Object(error);
  const place = typeof mark?.line === 'number' && typeof mark.column === 'number' ? ` (line ${mark.line + 1}, column ${mark.column + 1})` : '';
  return typeof reason === 'string' ? `${withoutQuotes(reason)}${place}` : 'it is not YAML that can be read';
}

/** js-yaml quotes names and tags in some of its sentences. */
const withoutQuotes = (reason: string): string => reason.replace(/"[^"]*"/g, '"…"').replace(/!<[^>]*>/g, '!<…>').replace(/: .*/s, '');
