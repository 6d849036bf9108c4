import { delimiter, isAbsolute } from 'node:path';

type Env = Record<string, string | undefined>;

/** The folders of a PATH in which programs are looked for. An empty or a relative one means the working directory, whoever's that is. */
export const absoluteFolders = (path: string): readonly string[] =>
  path.split(delimiter).map(folder => folder.replace(/^"(.*)"$/, '$1')).filter(folder => isAbsolute(folder));

/** Has this process, and what it starts, look for programs in such folders alone. */
export function neverSearchHere(env: Env = process.env): void {
  for (const name of Object.keys(env).filter(key => key.toUpperCase() === 'PATH')) {
    const kept = absoluteFolders(env[name] ?? '');
    // An empty one would mean the working directory; without one, the system's folders are searched.
    if (kept.length > 0) env[name] = kept.join(delimiter);
    else delete env[name];
  }
  // Windows looks in the working directory first, but for who asks it not to.
  if (process.platform === 'win32') env['NoDefaultCurrentDirectoryInExePath'] = '1';
}
