import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { firstOutput, launch } from '../launch.ts';
import { temporaryFolder } from '../real-context.ts';
import { PANEL, PANEL_FILE } from './panel-layout.ts';

const PROGRAMS = ['Xvfb', 'dbus-daemon', 'xfce4-panel', 'xdotool', 'xwd'];
const folders = (process.env['PATH'] ?? '').split(delimiter);

/** The programs of a desktop that are not installed. */
export const missingOfDesktop = PROGRAMS.filter(program => !folders.some(folder => existsSync(join(folder, program))));

const run = promisify(execFile);
/** At least this many pixels of exactly this colour. */
export type Look = { readonly colour: readonly [red: number, green: number, blue: number]; readonly pixels: number };
type Point = { readonly x: number; readonly y: number };

/** A virtual screen with its own session bus and panel. */
export class Desktop {
  private constructor(readonly env: NodeJS.ProcessEnv) {}

  static async start(): Promise<Desktop> {
    const folder = await temporaryFolder();
    const [config, runtime] = [join(folder, 'config'), join(folder, 'run')];
    const panelFile = join(config, PANEL_FILE);
    await Promise.all([mkdir(dirname(panelFile), { recursive: true }), mkdir(runtime, { mode: 0o700 })]);
    await writeFile(panelFile, PANEL);
    const base = {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_CONFIG_HOME: config,
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_RUNTIME_DIR: runtime,
      NO_AT_BRIDGE: '1',
      GTK_A11Y: 'none',
    };
    const screen = launch('Xvfb', ['-displayfd', '3', '-screen', '0', '800x400x24', '-nolisten', 'tcp'], base);
    const DISPLAY = `:${await firstOutput(screen, 3)}`;
    const bus = launch(
      'dbus-daemon',
      ['--session', '--nofork', '--nosyslog', '--print-address=3', `--address=unix:path=${join(runtime, 'bus')}`],
      { ...base, DISPLAY },
    );
    const env = { ...base, DISPLAY, DBUS_SESSION_BUS_ADDRESS: await firstOutput(bus, 3) };
    launch('xfce4-panel', ['--disable-wm-check'], env);
    return new Desktop(env);
  }

  /** The centre of the pixels of this colour; undefined if there are fewer. */
  async find({ colour: [red, green, blue], pixels }: Look): Promise<Point | undefined> {
    // It fails if a window closes while it is read.
    const dump = await run('xwd', ['-root', '-silent'], { env: this.env, encoding: 'buffer', maxBuffer: 1 << 24 }).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
    if (!dump) return undefined;
    const word = (index: number) => dump.readUInt32BE(index * 4);
    const [header, width, height, bytesPerPixel, bytesPerLine, colours] = [
      word(0),
      word(4),
      word(5),
      word(11) / 8,
      word(12),
      word(19),
    ];
    const start = header + colours * 12;
    const [sum, found] = [{ x: 0, y: 0 }, { pixels: 0 }];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = start + y * bytesPerLine + x * bytesPerPixel;
        if (dump[at] !== blue || dump[at + 1] !== green || dump[at + 2] !== red) continue;
        found.pixels++;
        sum.x += x;
        sum.y += y;
      }
    }
    return found.pixels >= pixels
      ? { x: Math.round(sum.x / found.pixels), y: Math.round(sum.y / found.pixels) }
      : undefined;
  }

  async see(look: Look): Promise<Point> {
    return vi.waitUntil(() => this.find(look), { timeout: 15_000, interval: 100 });
  }

  /** Clicks on an icon and chooses from its menu with keys. Repeats the click if the panel was redrawing the icon. */
  async choose({ x, y }: Point, ...keys: readonly string[]): Promise<void> {
    await vi.waitFor(
      async () => {
        await this.#xdotool('mousemove', String(x), String(y), 'click', '1');
        await vi.waitUntil(() => this.#isMenuOpen(), { timeout: 2_000, interval: 100 });
        // Submenus open after a moment.
        await this.#xdotool('key', '--delay', '200', ...keys);
        await vi
          .waitUntil(async () => !(await this.#isMenuOpen()), { timeout: 2_000, interval: 100 })
          .catch(async error => {
            await this.#xdotool('key', '--delay', '200', 'Escape', 'Escape', 'Escape');
            throw error;
          });
      },
      { timeout: 20_000 },
    );
  }

  /** Menus are windows of the panel's plugins, and higher than the panel. */
  async #isMenuOpen(): Promise<boolean> {
    const { stdout } = await this.#xdotool(
      'search',
      '--onlyvisible',
      '--class',
      'Wrapper-2.0',
      'getwindowgeometry',
      '--shell',
      '%@',
    ).catch(() => ({ stdout: '' }));
    return [...stdout.matchAll(/HEIGHT=(\d+)/g)].some(([, height]) => Number(height) > 60);
  }

  #xdotool(...args: readonly string[]): Promise<{ readonly stdout: string }> {
    return run('xdotool', args, { env: this.env });
  }
}
