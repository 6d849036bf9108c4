import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

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
  const opener = openerOf(file, env, platform);
  const { program, args } = (await isRestricted(platform)) ? bySystemd(opener, env) : opener;
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

/** Whether programs started here cannot gain privileges, as under the systemd unit of the daemon. */
async function isRestricted(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return false;
  // Without /proc nothing is known, and the opener says whether it works.
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  return /^NoNewPrivs:\s*1$/m.test(status);
}

/** Lets the user's systemd start an opener: a browser that was installed as a snap has to gain privileges. */
function bySystemd({ program, args }: Opener, env: Env): Opener {
  const display = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_CURRENT_DESKTOP'].filter(name => env[name]);
  return {
    program: 'systemd-run',
    args: ['--user', '--quiet', '--collect', ...display.map(name => `--setenv=${name}=${env[name]}`), program, ...args],
  };
}
