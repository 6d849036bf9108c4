import { dirname, isAbsolute, join } from 'node:path';
import { findUserHome } from '../../sdk/system/home.ts';
import { absoluteFolders } from '../../sdk/system/search-path.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds programs on the PATH of the given environment, then in the usual folders of installers: a daemon started by the
 * system has a short PATH. Undefined if the program is not installed.
 */
export const createWhich =
  (env: Env) =>
  async (program: string): Promise<string | undefined> => {
    const { default: which } = await import('which');
    const options = { nothrow: true, pathExt: env['PATHEXT'] } as const;
    if (/[\\/]/.test(program)) return (await which(program, options)) ?? undefined;
    // Full paths only: given a bare name, the library searches the working directory first on Windows.
    for (const folder of [...absoluteFolders(env['PATH'] ?? env['Path'] ?? ''), ...usualFolders(env)]) {
      const found = await which(join(folder, program), options);
      if (found !== null) return found;
    }
    return undefined;
  };

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
