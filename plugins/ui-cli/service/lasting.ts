import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** The path with symbolic links followed; undefined if there is nothing. */
export type Real = (path: string) => string | undefined;

/** Temporary folders of a shell, `npx` or the system. Some version managers make one per shell. */
const PASSING =
  /^\/(?:tmp|var\/tmp|run\/user|dev|proc|(?:private\/)?var\/folders)\/|[\\/](?:fnm_multishells|_npx|dlx|dlx-\d+)[\\/]/;
/** A folder that is named after one version: `v20.20.2`, `node@20.1.0`, `20.20.2`. */
const OF_ONE_VERSION = /[\\/](?:[\w.+-]*@)?v?\d+\.\d+\.\d+[^\\/]*[\\/]/;

/** Whether it may be gone when the shell is closed, the user logs out, or a cache is emptied. */
const isPassing = (path: string, { TMPDIR, TEMP }: Env): boolean =>
  PASSING.test(path) ||
  [TMPDIR, TEMP].some(folder => folder !== undefined && folder !== '' && path.startsWith(join(folder, '/')));

/** A path of the Node that runs us which outlives the shell and, if possible, an upgrade. */
export function lastingNode(execPath: string, env: Env, real: Real): string {
  const target = real(execPath) ?? execPath;
  const places = foldersOf(env['PATH']).map(folder => join(folder, 'node'));
  return places.find(path => !isPassing(path, env) && !OF_ONE_VERSION.test(path) && real(path) === target) ?? target;
}

/** The PATH with temporary folders replaced by the targets of their links, or left out. */
export function lastingPath(env: Env, real: Real): string | undefined {
  const folders = foldersOf(env['PATH']).map(folder => (isPassing(folder, env) ? (real(folder) ?? folder) : folder));
  return [...new Set(folders)].filter(folder => !isPassing(folder, env)).join(':') || undefined;
}

const foldersOf = (path = ''): readonly string[] => path.split(':').filter(folder => isAbsolute(folder));

/** Warns of paths in the service that may not last, with what to do. */
export function lastingNotes(
  [node, main]: readonly [node: string, main: string, ...args: string[]],
  env: Env,
): readonly string[] {
  const passing = [node, main].filter(path => isPassing(path, env));
  const versioned = [node, main].filter(path => !passing.includes(path) && OF_ONE_VERSION.test(path));
  return [
    ...passing.map(
      path =>
        `${path} is temporary: without it the service does not start. Install session-keepalive permanently` +
        ' (`npm install --global session-keepalive`), then install the service again from there.',
    ),
    ...versioned.map(
      path =>
        `${path} is in the folder of one version. After an upgrade, before you remove that version,` +
        ' run `keepalive service install` again.',
    ),
  ];
}
