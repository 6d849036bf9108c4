import { realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expandHome } from '../../sdk/system/home.ts';

/** Credentials of built-in providers, by folder. `folder` matches further accounts too, such as `~/.codex-work`. */
const CREDENTIALS = [
  {
    provider: 'claude',
    folder: /^\.claude/,
    usual: '~/.claude',
    variable: 'CLAUDE_CONFIG_DIR',
    files: ['.credentials.json'],
  },
  { provider: 'codex', folder: /^\.codex/, usual: '~/.codex', variable: 'CODEX_HOME', files: ['auth.json'] },
  {
    provider: 'gemini',
    folder: /^\.gemini/,
    usual: '~/.gemini',
    variable: undefined,
    files: ['oauth_creds.json', 'gemini-credentials.json'],
  },
  { provider: 'augment', folder: /^\.augment/, usual: '~/.augment', variable: undefined, files: ['session.json'] },
  {
    provider: 'cursor',
    folder: /^\.?cursor/,
    usual: '~/.config/cursor',
    variable: 'CURSOR_CONFIG_DIR',
    files: ['auth.json'],
  },
  { provider: 'grok', folder: /^\.grok/, usual: '~/.grok', variable: 'GROK_HOME', files: ['auth.json'] },
  { provider: 'copilot', folder: /^\.copilot/, usual: '~/.copilot', variable: 'COPILOT_HOME', files: ['config.json'] },
  {
    provider: 'droid',
    folder: /^\.factory/,
    usual: '~/.factory',
    variable: undefined,
    files: ['auth.v2.file', 'auth.v2.key'],
  },
  {
    provider: 'opencode',
    folder: /^opencode/,
    usual: '~/.local/share/opencode',
    variable: undefined,
    files: ['auth.json'],
  },
] as const;

/**
 * The built-in provider whose credential this is, by its path, through symbolic links, or as a hard link. Its owner
 * rotates the refresh token under its own locks and rules, and it must not be sent to an arbitrary address.
 */
export function vendorOf(
  file: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const places = [expandHome(file), followed(expandHome(file))];
  const facts = factsOf(file);
  return CREDENTIALS.find(({ folder, usual, variable, files }) => {
    const folders = [usual, ...(variable && env[variable] ? [env[variable]] : [])].map(place => expandHome(place));
    const own = folders.flatMap(place => files.map(name => join(place, name)));
    const isNamedSo = (place: string) =>
      files.some(name => name === basename(place)) && folder.test(basename(dirname(place)));
    return (
      places.some(place => own.includes(place) || isNamedSo(place)) || own.some(known => isSame(facts, factsOf(known)))
    );
  })?.provider;
}

/** The path with symbolic links followed; for a missing file, those of its folder. */
function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(followed(dirname(path)), basename(path));
  }
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(expandHome(path));
  } catch {
    return undefined; // It is missing, or we may not read it.
  }
}

const isSame = (a: Stats | undefined, b: Stats | undefined): boolean =>
  a !== undefined && a.ino === b?.ino && a.dev === b.dev;
