import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Resolves symbolic links; undefined if the path does not exist. */
export type Real = (path: string) => string | undefined;

/** Temporary folders of a shell, `npx` or the system. Some version managers create one per shell. */
const TEMPORARY =
  /^\/(?:tmp|var\/tmp|run\/user|dev|proc|(?:private\/)?var\/folders)\/|[\\/](?:fnm_multishells|_npx|dlx|dlx-\d+)[\\/]/;
/** A folder named after a version: `v20.20.2`, `node@20.1.0`, `20.20.2`. */
const VERSIONED = /[\\/](?:[\w.+-]*@)?v?\d+\.\d+\.\d+[^\\/]*[\\/]/;

/** Whether the path may vanish when the shell is closed, the user logs out, or a cache is cleared. */
const isTemporary = (path: string, { TMPDIR, TEMP }: Env): boolean =>
  TEMPORARY.test(path) ||
  [TMPDIR, TEMP].some(folder => folder !== undefined && folder !== '' && path.startsWith(join(folder, '/')));

/** A path of our Node that outlives the shell and, if possible, an upgrade. */
export function lastingNode(execPath: string, env: Env, real: Real): string {
  const target = real(execPath) ?? execPath;
  const candidates = foldersOf(env['PATH']).map(folder => join(folder, 'node'));
  return candidates.find(path => !isTemporary(path, env) && !VERSIONED.test(path) && real(path) === target) ?? target;
}

/** The PATH with temporary folders replaced by their link targets, or removed. */
export function lastingPath(env: Env, real: Real): string | undefined {
  const folders = foldersOf(env['PATH']).map(folder => (isTemporary(folder, env) ? (real(folder) ?? folder) : folder));
  return [...new Set(folders)].filter(folder => !isTemporary(folder, env)).join(':') || undefined;
}

const foldersOf = (path = ''): readonly string[] => path.split(':').filter(folder => isAbsolute(folder));

/** Warns about paths in the service that may vanish, and suggests what to do. */
export function lastingNotes(
  [node, main]: readonly [node: string, main: string, ...args: string[]],
  env: Env,
): readonly string[] {
  const temporary = [node, main].filter(path => isTemporary(path, env));
  const versioned = [node, main].filter(path => !temporary.includes(path) && VERSIONED.test(path));
  return [
    ...temporary.map(
      path =>
        `${path} is temporary, and the service does not start without it. Install session-keepalive permanently` +
        ' (`npm install --global session-keepalive`), then install the service again from there.',
    ),
    ...versioned.map(
      path =>
        `${path} is in a versioned folder. After an upgrade, before you remove that version,` +
        ' run `keepalive service install` again.',
    ),
  ];
}
