import { access, constants, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { findUserHome } from '../../sdk/system/home.ts';
import { absoluteFolders } from '../../sdk/system/search-path.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds programs on the PATH of the given environment, then in the usual folders of installers: a daemon started by the
 * system has a short PATH. Undefined if the program is not installed.
 */
export const createWhich =
  (env: Env, platform: NodeJS.Platform = process.platform) =>
  async (program: string): Promise<string | undefined> => {
    // Never the working directory, which Windows would search first.
    const paths = /[\\/]/.test(program)
      ? [program]
      : [...absoluteFolders(env['PATH'] ?? env['Path'] ?? ''), ...usualFolders(env)].map(at => join(at, program));
    for (const path of paths) {
      for (const candidate of platform === 'win32' ? withExtensions(path, env) : [path])
        if (await isExecutable(candidate)) return candidate;
    }
    return undefined;
  };

/** The names that Windows tries for a program: its own, if that has a known extension, then one per extension. */
function withExtensions(path: string, env: Env): readonly string[] {
  const extensions = (env['PATHEXT'] || '.EXE;.CMD;.BAT;.COM').split(';').filter(Boolean);
  const isComplete = extensions.some(extension => path.toLowerCase().endsWith(extension.toLowerCase()));
  return [...(isComplete ? [path] : []), ...extensions.map(extension => `${path}${extension.toLowerCase()}`)];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function usualFolders(env: Env): readonly string[] {
  const userHome = findUserHome(env);
  const ofUser = ['.local/bin', '.npm-global/bin', '.volta/bin', '.bun/bin'].flatMap(folder =>
    userHome ? [join(userHome, folder)] : [],
  );
  const ofSystem =
    process.platform === 'win32'
      ? [join(env['APPDATA'] ?? userHome ?? '', 'npm')]
      : ['/usr/local/bin', '/opt/homebrew/bin'];
  // Beside node is where npm puts what it installs globally, also under a version manager.
  return [dirname(process.execPath), ...ofUser, ...ofSystem].filter(folder => isAbsolute(folder));
}
