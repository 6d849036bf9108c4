import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { firstOutput, launch } from '../launch.ts';
import { coloursOf } from './picture.ts';

type Env = Readonly<Record<string, string>>;

const run = promisify(execFile);
const NOBODY = 65_534;

/** What a bar needs to be seen. */
export type BarScreen = {
  readonly start: (program: string, args: readonly string[]) => void;
  /** How many pixels of each colour the screen has. */
  readonly colours: () => Promise<ReadonlyMap<string, number>>;
};

/** A virtual X screen, for polybar. */
export async function xScreen(env: Env): Promise<BarScreen> {
  const screen = launch('Xvfb', ['-displayfd', '3', '-screen', '0', '600x60x24', '-nolisten', 'tcp'], env);
  const inScreen = { ...env, DISPLAY: `:${await firstOutput(screen, 3)}` };
  return {
    start: (program, args) => void launch(program, args, inScreen),
    colours: () => shoot('import', ['-window', 'root', '-depth', '8', 'ppm:-'], inScreen),
  };
}

/** A Wayland compositor without a screen, for waybar. It refuses to run as root, so it then runs as nobody. */
export async function waylandScreen(home: string, env: Env): Promise<BarScreen> {
  const folder = join(home, 'run');
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(home, 'sway'), 'output * resolution 600x60 background #204060 solid_color\n');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) giveAway(home);
  const inScreen = { ...env, XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: 'wayland-1' };
  const asUser = (program: string, args: readonly string[], environment: Env) =>
    isRoot
      ? launch('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program, ...args], environment)
      : launch(program, args, environment);
  const headless = { WLR_BACKENDS: 'headless', WLR_RENDERER: 'pixman', WLR_LIBINPUT_NO_DEVICES: '1' };
  asUser('sway', ['-c', join(home, 'sway')], { ...env, ...headless, XDG_RUNTIME_DIR: folder });
  await vi.waitUntil(() => existsSync(join(folder, 'wayland-1')), { timeout: 15_000 });
  return {
    start: (program, args) => void asUser(program, args, inScreen),
    colours: () => shoot('grim', ['-t', 'ppm', '-'], inScreen),
  };
}

function giveAway(folder: string): void {
  chownSync(folder, NOBODY, NOBODY);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, name), NOBODY, NOBODY);
}

const shoot = async (program: string, args: readonly string[], env: Env) =>
  coloursOf((await run(program, args, { env, encoding: 'buffer', maxBuffer: 1 << 24 })).stdout);
