import { spawn } from 'node:child_process';

type Env = Readonly<Record<string, string | undefined>>;
type Opener = { readonly program: string; readonly args: readonly string[] };

/** An opener that takes this long without an error has the browser in hand. */
const PATIENCE_MS = 3_000;

/** The program that opens a file in the browser, never through a shell; undefined without a desktop. */
export function openerOf(file: string, platform: NodeJS.Platform, env: Env): Opener | undefined {
  switch (platform) {
    case 'darwin':
      return { program: 'open', args: [file] };
    case 'win32':
      return { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', file] };
    default:
      if (env['WSL_DISTRO_NAME']) return { program: 'wslview', args: [file] };
      return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? { program: 'xdg-open', args: [file] } : undefined;
  }
}

/** Opens a file in the user's browser. False if that is not possible. */
export async function browse(file: string, env: Env, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const opener = openerOf(file, platform, env);
  if (!opener) return false;
  const child = spawn(opener.program, opener.args, {
    env: { ...env },
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  });
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(true), PATIENCE_MS);
    const settle = (opened: boolean) => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once('error', () => settle(false));
    child.once('exit', code => settle(code === 0));
    child.unref();
  });
}
