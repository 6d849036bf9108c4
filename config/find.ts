import { basename, extname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { withTimeout } from '../sdk/base/timeout.ts';
import { CODE_EXTENSIONS, MANIFEST, MANIFEST_KEY } from '../sdk/config-file/config-places.ts';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import { expandHome, type Home } from '../sdk/system/home.ts';
import { importFile } from '../sdk/config-file/import-file.ts';
import { describeLoose, looseAt } from '../sdk/config-file/loose.ts';
import { readPlainFile } from '../sdk/system/plain-file.ts';
import { searchConfig } from '../sdk/config-file/search-config.ts';
import { untrusted, checkTrust } from '../sdk/config-file/trust.ts';
import { isMissing } from '../sdk/base/errno.ts';
import { checkConfig, configInvalid, show, WITHOUT_FILE, type ResolvedConfig } from './resolve.ts';
import { isEndless } from './options.ts';
import { parseData, textOf } from './parse.ts';
import type { Vetting } from '../runtime/approve.ts';

/** A configuration that asks a password store may be slow. One that never settles must not block the daemon. */
export const LOAD_LIMIT_MS = 20_000;
const INSIST = 'A configuration is code. To use it anyway, name it with --config.';

/** Finds, loads and checks the configuration. A named file must exist. One in `cwd` is used only if it is trusted. */
export async function findConfig(home: Home, file: string | undefined, cwd?: string): Promise<ResolvedConfig> {
  if (file !== undefined) return load(expandHome(file), home, { by: 'name' });
  const found = await searchConfig(home, cwd);
  switch (found.place) {
    case 'none':
      return WITHOUT_FILE;
    case 'own':
      return loadOwn(found.file, home);
    case 'here':
      return load(found.file, home, { by: 'trust', files: found.files }, found.bytes);
  }
}

/** Loads the same file again after a change. Throws if it must not be used as it is now. */
export async function loadAgain(home: Home, file: string, { by }: Vetting): Promise<ResolvedConfig> {
  if (by === 'name') return load(file, home, { by });
  if (by === 'owner') return loadOwn(file, home);
  const verdict = await checkTrust(file, home);
  if (verdict.trusted) return load(file, home, { by, files: verdict.files }, verdict.bytes);
  throw untrusted(file, verdict.why);
}

async function loadOwn(file: string, home: Home): Promise<ResolvedConfig> {
  const loose = await looseAt(file);
  if (loose) throw configInvalid(file, [{ path: '', message: `${describeLoose(loose)}. ${INSIST}` }]);
  return load(file, home, { by: 'owner' });
}

async function load(path: string, home: Home, vetting: Vetting, bytes?: Buffer): Promise<ResolvedConfig> {
  try {
    return { ...checkConfig(path, await read(path, home, bytes ?? (await readPlainFile(path)))), vetting };
  } catch (error) {
    if (error instanceof KeepaliveError) throw error;
    if (isMissing(error) && error instanceof Error && 'path' in error && error.path === path)
      throw new KeepaliveError('KA_CONFIG_NOT_FOUND', { file: path }, error);
    // In a terminal, and in CI, parsers color their messages.
    const message = error instanceof Error ? stripVTControlCharacters(error.message) : `it threw ${show(error)}`;
    throw configInvalid(path, [{ path: '', message: briefly(message) }], error);
  }
}

/** The content of the file. An empty JSON or YAML file is refused: the disk may have been full. */
async function read(path: string, { stateDir }: Home, bytes: Buffer): Promise<unknown> {
  const text = textOf(bytes);
  if (CODE_EXTENSIONS.includes(extname(path)))
    return withTimeout(() => importFile(path, stateDir, text), { ms: LOAD_LIMIT_MS, what: loadTimeout });
  const value = await parseData(path, text);
  if (isEndless(value)) throw new Error('it is nested too deep, or too large');
  return basename(path) === MANIFEST ? Object(value)[MANIFEST_KEY] : value;
}

const loadTimeout = (): Error => new Error(`it was not loaded within ${LOAD_LIMIT_MS / 1_000} s`);

/** The parser's message with line and column, without the source text around it, which may hold a secret. */
function briefly(message: string): string {
  const lines = message
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  const sentence = lines.find(line => !/^>?\s*\d*\s*\|/.test(line)) ?? 'it does not parse';
  const [, line, column] = /^\s*\S.*\.\w+:(\d+):(\d+)$/m.exec(message) ?? [];
  // jiti counts columns from 0.
  return line === undefined ? sentence : `${sentence} (line ${line}, column ${Number(column) + 1})`;
}
