import { domainToASCII } from 'node:url';
import { readInstant, type JsonObject } from '../store/json-store.ts';

const HTTP_ONLY = '#HttpOnly_';

/** Whether the text is a Netscape `cookies.txt`, as curl, wget and browser extensions write it. */
export const isCookiesTxt = (text: string): boolean =>
  /^\uFEFF?#.*Cookie File/i.test(text) || text.split('\n').some(line => fieldsOf(line) !== undefined);

/** The lines of the text, and functions to parse and format a line. Other lines than cookies are kept. */
export function cookiesTxt(text: string) {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const end = /[\r\n]*$/.exec(text)?.[0] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    lines: text.slice(mark.length, text.length - end.length).split(/\r?\n/),
    read: parseLine,
    write: formatLine,
    join: (lines: readonly string[]) => mark + lines.join(newline) + (end || newline),
  };
}

function fieldsOf(line: string): readonly string[] | undefined {
  const isComment = line.startsWith('#') && !line.startsWith(HTTP_ONLY);
  const fields = line.trimEnd() === '' ? [] : line.replace(/\r$/, '').split('\t');
  return isComment || fields.length !== 7 ? undefined : fields;
}

function parseLine(line: string): JsonObject | undefined {
  const fields = fieldsOf(line);
  if (!fields) return undefined;
  const [place = '', withSubdomains = '', path = '', secure = '', seconds = '0', key, value] = fields;
  const httpOnly = place.startsWith(HTTP_ONLY);
  const host = place.slice(httpOnly ? HTTP_ONLY.length : 0);
  const name = host.replace(/^\.+/, '').toLowerCase();
  const expires = Number(seconds) > 0 ? readInstant(seconds)?.toISOString() : 'Infinity';
  // A leading dot means a cookie for subdomains too, even if the next column is FALSE.
  const hostOnly = !isTrue(withSubdomains) && !host.startsWith('.');
  return {
    key,
    value,
    domain: domainToASCII(name) || name,
    hostOnly,
    path: pathOf(path),
    secure: isTrue(secure),
    httpOnly,
    expires,
  };
}

/** Python writes `True`, others `true` or `1`. */
const isTrue = (column: string): boolean => /^(true|1)$/i.test(column.trim());

/** As in a browser, an invalid path means `/`. Some paths are in quotes. */
function pathOf(column: string): string {
  const path = column.replaceAll('"', '');
  return path.startsWith('/') ? path : '/';
}

const flag = (value: unknown) => (value ? 'TRUE' : 'FALSE');

function formatLine({ key, value, domain, hostOnly, path, secure, httpOnly, expires }: JsonObject): string {
  const seconds = typeof expires === 'string' && expires !== 'Infinity' ? Math.floor(Date.parse(expires) / 1_000) : 0;
  const place = `${httpOnly ? HTTP_ONLY : ''}${hostOnly ? '' : '.'}${String(domain)}`;
  return [place, flag(!hostOnly), path, flag(secure), seconds, key, value].join('\t');
}
