import { extname } from 'node:path';
import { withoutMark } from '../sdk/config-file/config-places.ts';
import { jsonTrouble } from './json-trouble.ts';

/** The text of a configuration. UTF-16, which Windows shells write, gets a specific error. */
export function textOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 4).toString('latin1');
  // Without a byte order mark, every other byte of ASCII text is 0.
  if (/^(\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(start)) {
    throw new Error('it is UTF-16 text: save it as UTF-8');
  }
  return withoutMark(bytes);
}

/** Parses JSON or YAML. Errors carry line and column but no source text, which may hold a secret. */
export async function parseData(file: string, text: string): Promise<unknown> {
  const isJson = extname(file) === '.json';
  let trouble: string;
  try {
    return isJson ? JSON.parse(text) : (await import('cosmiconfig')).defaultLoaders['.yaml'](file, text);
  } catch (error) {
    trouble = isJson ? troubleInJson(text) : troubleInYaml(error);
  }
  throw new Error(trouble); // The parser's own error quotes the text.
}

function troubleInJson(text: string): string {
  const trouble = jsonTrouble(text);
  if (!trouble) return 'it is not valid JSON';
  const before = text.slice(0, trouble.offset).split(/\r\n|\r|\n/);
  return `not JSON: ${trouble.message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

type YamlError = {
  readonly reason?: unknown;
  readonly mark?: { readonly line?: unknown; readonly column?: unknown };
};

function troubleInYaml(error: unknown): string {
  const { reason, mark }: YamlError = Object(error);
  const hasPlace = typeof mark?.line === 'number' && typeof mark.column === 'number';
  const place = hasPlace ? ` (line ${Number(mark.line) + 1}, column ${Number(mark.column) + 1})` : '';
  return typeof reason === 'string' ? `${withoutQuotes(reason)}${place}` : 'it is not valid YAML';
}

/** js-yaml quotes names and tags in some messages. */
const withoutQuotes = (reason: string): string =>
  reason
    .replace(/"[^"]*"/g, '"…"')
    .replace(/!<[^>]*>/g, '!<…>')
    .replace(/: .*/s, '');
