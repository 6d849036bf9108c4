import { spawn } from 'node:child_process';

type Env = Readonly<Record<string, string | undefined>>;
type Opener = { readonly program: string; readonly args: readonly string[] };

type OpenOptions = {
  readonly env?: Env | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** The user sits at a desktop, even if the environment names no display. */
  readonly atDesktop?: boolean | undefined;
};

/** An opener that runs this long without an error has started a browser. */
const OPENED_AFTER_MS = 3_000;

/** Opens a file in the user's browser, never through a shell. Resolves with false if that is not possible. */
export async function openInBrowser(file: string, options: OpenOptions = {}): Promise<boolean> {
  const { env = process.env, platform = process.platform, atDesktop = false } = options;
  if (!atDesktop && !hasDisplay(env, platform)) return false;
  const { program, args } = openerOf(file, env, platform);
  const child = spawn(program, args, { env: { ...env }, stdio: 'ignore', detached: true, windowsHide: true });
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(true), OPENED_AFTER_MS);
    const settle = (opened: boolean) => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once('error', () => settle(false));
    child.once('exit', code => settle(code === 0));
    child.unref();
  });
}

/** Without a display, `xdg-open` would start a browser in the terminal. */
export const hasDisplay = (env: Env, platform: NodeJS.Platform): boolean =>
  platform === 'darwin' ||
  platform === 'win32' ||
  Boolean(env['WSL_DISTRO_NAME'] || env['DISPLAY'] || env['WAYLAND_DISPLAY']);

/** The program that opens a file in the default browser. */
export function openerOf(file: string, env: Env, platform: NodeJS.Platform): Opener {
  switch (platform) {
    case 'darwin':
      return { program: 'open', args: [file] };
    case 'win32':
      return { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', file] };
    default:
      return { program: env['WSL_DISTRO_NAME'] ? 'wslview' : 'xdg-open', args: [file] };
  }
}
