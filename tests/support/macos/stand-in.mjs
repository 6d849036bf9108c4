import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the Mac that a stand-in belongs to. */
export const [root, ...args] = process.argv.slice(2);

export function refuse(exitCode, ...lines) {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(exitCode);
}

/** Notes a call, for a test to read. */
export const note = (name, value) => appendFileSync(join(root, `${name}.jsonl`), `${JSON.stringify(value)}\n`);

export function load(name, otherwise) {
  const file = join(root, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : otherwise;
}

export function save(name, value) {
  const file = join(root, name);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(value));
  renameSync(`${file}.${process.pid}`, file);
}

/** Options as getopt(3) of macOS reads them: they end at the first word that is none. */
export function getopt(words, withValue, without, usage) {
  const found = {};
  const rest = [...words];
  while (rest[0]?.startsWith('-') && rest[0] !== '-') {
    const word = rest.shift();
    if (word === '--') break;
    const letter = word[1];
    if (withValue.includes(letter)) {
      const value = word.length > 2 ? word.slice(2) : rest.shift();
      if (value === undefined) usage(word);
      (found[letter] ??= []).push(value);
    } else if (without.includes(letter) && word.length === 2) found[letter] = [true];
    else usage(word);
  }
  return { found, rest };
}
