import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import { hasDisplay } from '../../../sdk/system/open-in-browser.ts';
import type { CommandContext } from '../context/command.ts';

type Here = Pick<CommandContext, 'env' | 'platform'>;

/** Whether the user is at a desktop of this machine, where a browser can be opened. */
export const isAtDesktop = ({ env, platform }: Here): boolean =>
  !['SSH_CONNECTION', 'SSH_CLIENT', 'SSH_TTY'].some(name => env[name]) && hasDisplay(env, platform);

type Opening = Pick<CommandContext, 'env' | 'system'> & {
  /** A folder that sandboxed browsers read too: they see neither hidden folders nor /tmp. */
  readonly folder: string;
  readonly session: string;
};

/**
 * Opens the address in the user's browser. It gets a file that leads there, because other users can see the arguments
 * of programs. The clean-up removes the file. Undefined if no browser could be opened.
 */
export async function openAddress(
  url: string,
  { env, system, folder, session }: Opening,
): Promise<Cleanup | undefined> {
  const file = join(folder, `keepalive-login-${session}.html`);
  const remove = () => rm(file, { force: true });
  try {
    // One that was left by a command that was killed.
    await remove();
    await writeFile(file, leadingTo(url), { mode: 0o600, flag: 'wx' });
    if (await system.openInBrowser(file, env)) return remove;
  } catch {
    // The address is on the screen.
  }
  await remove().catch(() => undefined);
  return undefined;
}

const leadingTo = (url: string): string => {
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address}">
<title>Session Keepalive</title>
<a href="${address}">Go on to sign in</a>
`;
};
