import { delimiter, dirname, join } from 'node:path';
import { findUserHome } from '../../sdk/home.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds programs on the PATH of the given environment, and then where their installers put them: a daemon started by the system has a
 * short PATH, and must not take a vendor's program for missing. Undefined where one is not installed.
 */
export const createWhich = (env: Env) => async (program: string): Promise<string | undefined> => {
  const { default: which } = await import('which');
  const path = [env['PATH'] ?? env['Path'] ?? '', ...usualFolders(env)].join(delimiter);
  return (await which(program, { nothrow: true, path, pathExt: env['PATHEXT'] })) ?? undefined;
};

function usualFolders(env: Env): readonly string[] {
  const userHome = findUserHome(env);
  const ofUser = userHome ? ['.local/bin', '.npm-global/bin', '.volta/bin', '.bun/bin'].map(folder => join(userHome, folder)) : [];
  const ofSystem = process.platform === 'win32' ? [join(env['APPDATA'] ?? userHome ?? '', 'npm')] : ['/usr/local/bin', '/opt/homebrew/bin'];
  // Beside node is where npm puts what it installs globally, also under a version manager.
  return [dirname(process.execPath), ...ofUser, ...ofSystem];
}
