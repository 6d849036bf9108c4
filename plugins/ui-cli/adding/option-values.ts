import { resolve } from 'node:path';
import { didYouMean } from '../../../sdk/base/nearest.ts';
import { isRecord } from '../../../sdk/base/json.ts';
import type { Addable, AddableOption } from '../../../sdk/plugin/addable.ts';
import { UsageError } from '../context/options.ts';

/** An option as written on the command line, and its value as written there or read from elsewhere. */
export type Assignment = { readonly key: string; readonly option: AddableOption; readonly text: string };

/** Reads `KEY=VALUE…` for a provider. */
export function parseOptions(words: readonly string[], provider: Addable): readonly Assignment[] {
  return words.map(word => {
    const at = word.indexOf('=');
    const key = at < 0 ? word : word.slice(0, at);
    const option = optionNamed(key, provider);
    if (at < 0 || at === word.length - 1) throw new UsageError(`${key} needs a value: ${option.about}.`);
    return { key, option, text: word.slice(at + 1) };
  });
}

const ID: AddableOption = { name: 'id', kind: 'text', about: 'the id of the session' };

function optionNamed(key: string, { plugin, options }: Addable): AddableOption {
  const found = [ID, ...options].find(({ name }) =>
    name.endsWith('.*') ? key.startsWith(name.slice(0, -1)) && key.length >= name.length : name === key,
  );
  if (found) return found;
  const names = options.map(({ name }) => name);
  const isOurs = key === 'home' ? ' For the folder of keepalive itself, write --home before `add`.' : '';
  throw new UsageError(
    `${plugin} has no option "${key}".${didYouMean(key, names)}${isOurs} Its options are id, ${names.join(', ')}.`,
  );
}

/** The options as the API takes them: nested, and each with the type of its option. */
export const toOptions = (assignments: readonly Assignment[], cwd: string | undefined): JsonObject =>
  assignments.reduce<JsonObject>(
    (options, { key, option, text }) => put(options, pathOf(key, option), valueOf(key, option, text, cwd)),
    {},
  );

type JsonObject = Readonly<Record<string, unknown>>;

/** A header's name may contain dots. */
const pathOf = (key: string, { name }: AddableOption): readonly string[] =>
  name.endsWith('.*') ? [name.slice(0, -2), key.slice(name.length - 1)] : key.split('.');

function put(into: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const before = into[name];
  if (before !== undefined && (rest.length === 0 || !isRecord(before)))
    throw new UsageError(`"${name}" is given twice.`);
  return { ...into, [name]: rest.length === 0 ? value : put(isRecord(before) ? before : {}, rest, value) };
}

function valueOf(key: string, { kind, choices = [] }: AddableOption, text: string, cwd: string | undefined): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'path':
      // The daemon has another working directory. It expands `~` itself.
      return /^~(?=$|[\\/])/.test(text) || cwd === undefined ? text : resolve(cwd, text);
    case 'choice':
      if (choices.includes(text)) return text;
      throw new UsageError(`${key}=${text}: expected one of ${choices.join(', ')}.${didYouMean(text, choices)}`);
    case 'number':
      if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
      throw new UsageError(`${key}=${text}: expected a number.`);
    case 'switch':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new UsageError(`${key}=${text}: expected true or false.`);
    case 'list':
      return text.split(',').filter(Boolean);
    case 'command':
      return commandIn(key, text);
  }
}

/** A JSON list, or words with spaces between them. */
function commandIn(key: string, text: string): readonly string[] {
  if (!text.trimStart().startsWith('[')) return text.split(/\s+/).filter(Boolean);
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every(word => typeof word === 'string')) return words;
  } catch {
    // It is not JSON, which the error below says.
  }
  throw new UsageError(`${key}: expected a command such as "acme auth touch", or a JSON list of texts.`);
}
