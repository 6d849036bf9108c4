import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a property list says, as libplist reads it; undefined if it cannot. libplist ends with 0 either way, so the list
 * is converted to its binary form and back.
 */
export function readPlist(path) {
  // libplist passes over what XML does not allow in a comment, and Apple's parser does not.
  if (/<!--(?:(?!-->)[^])*?--(?!>)/.test(readFileSync(path, 'utf8'))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-plist-'));
  const [binary, xml] = [join(folder, 'binary'), join(folder, 'xml')];
  spawnSync('plistutil', ['-i', path, '-f', 'bin', '-o', binary]);
  if (existsSync(binary)) spawnSync('plistutil', ['-i', binary, '-f', 'xml', '-o', xml]);
  const text = existsSync(xml) ? readFileSync(xml, 'utf8') : '';
  rmSync(folder, { recursive: true, force: true });
  return text.startsWith('<?xml') ? valueOf(tokensOf(text)) : undefined;
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decoded = text =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
    name ? ENTITIES[name] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );

/** Of what libplist writes: elements without attributes, and no comments. */
const tokensOf = text => [...text.matchAll(/<(\/?)(\w+)(\/?)>([^<]*)/g)].filter(([, , name]) => name !== 'plist');

function valueOf(tokens) {
  const [, , name, isEmpty, text] = tokens.shift();
  if (name === 'true' || name === 'false') return name === 'true';
  if (name === 'dict' || name === 'array') {
    const found = [];
    if (!isEmpty) {
      while (!tokens[0][1]) found.push(valueOf(tokens));
      tokens.shift();
    }
    if (name === 'array') return found;
    return Object.fromEntries(found.flatMap((key, index) => (index % 2 === 0 ? [[key, found[index + 1]]] : [])));
  }
  if (!isEmpty) tokens.shift();
  return name === 'integer' || name === 'real' ? Number(text) : decoded(text);
}
