import { delimiter, isAbsolute, win32 } from 'node:path';

type Env = Record<string, string | undefined>;

/** The absolute folders of a PATH. An empty or a relative one would mean the working directory. */
export const absoluteFolders = (path: string): readonly string[] =>
  path
    .split(delimiter)
    .map(folder => folder.replace(/^"(.*)"$/, '$1'))
    .filter(folder => isAbsolute(folder));

/** Restricts this process, and what it starts, to such folders. */
export function neverSearchHere(env: Env = process.env): void {
  for (const name of Object.keys(env).filter(key => key.toUpperCase() === 'PATH')) {
    const kept = absoluteFolders(env[name] ?? '');
    // An empty one would mean the working directory; without one, the system's folders are searched.
    if (kept.length > 0) env[name] = kept.join(delimiter);
    else delete env[name];
  }
  // Windows searches the working directory first unless this is set.
  if (process.platform === 'win32') env['NoDefaultCurrentDirectoryInExePath'] = '1';
}

/** The path of a program that comes with Windows. By its name alone, another program could run. */
export const systemProgram = (name: string, env: Readonly<Env>): string =>
  win32.join(env['SystemRoot'] ?? env['SYSTEMROOT'] ?? 'C:\\Windows', 'System32', name);
