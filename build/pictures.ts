import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type ViewportSize } from 'playwright-core';
import { withDesktop, type DesktopEnvironment } from './example-desktop.ts';
import { withExampleHome } from './example-home.ts';

// Takes docs/images/*.png: the real settings page in Chromium and the real tray icon in Xfce's panel, with made-up
// logins in a temporary home. The picture of the tray needs ImageMagick and xdotool.

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

type Picture = { readonly name: string; readonly viewport: ViewportSize; readonly dark?: boolean };

const PICTURES: readonly Picture[] = [
  { name: 'page-light', viewport: { width: 1_180, height: 1_010 } },
  { name: 'page-dark', viewport: { width: 1_180, height: 1_010 }, dark: true },
  { name: 'page-phone', viewport: { width: 390, height: 844 } },
];

const fileOf = (name: string): string => join(ROOT, `docs/images/${name}.png`);

async function take(browser: Browser, url: string, { name, viewport, dark = false }: Picture): Promise<void> {
  const page = await browser.newPage({ viewport, deviceScaleFactor: 1.5, colorScheme: dark ? 'dark' : 'light' });
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: fileOf(name), animations: 'disabled' });
  await page.close();
  process.stdout.write(`${fileOf(name)}\n`);
}

/** The tray at the right end of the panel, with its menu open. */
async function takeTray(env: DesktopEnvironment): Promise<void> {
  const tray = spawn(process.execPath, [MAIN, 'tray'], { env, cwd: env.HOME, stdio: 'ignore' });
  const ended = once(tray, 'exit');
  const press = (...args: readonly string[]) => execFileSync('xdotool', args, { env });
  try {
    await sleep(3_000);
    press('mousemove', '784', '16', 'click', '1');
    await sleep(1_000);
    press('key', '--delay', '300', 'Down', 'Down', 'Right');
    await sleep(500);
    execFileSync('import', ['-window', 'root', '-crop', '730x270+70+0', '+repage', fileOf('tray')], { env });
    press('key', 'Escape', 'Escape');
  } finally {
    tray.kill();
    await ended;
  }
  process.stdout.write(`${fileOf('tray')}\n`);
}

await withExampleHome(home =>
  withDesktop(home, async env => {
    const keepalive = (...args: readonly string[]) =>
      execFileSync(process.execPath, [MAIN, ...args], { env, cwd: env.HOME, encoding: 'utf8' }).trim();
    keepalive('start');
    const executablePath = CHROMIUM.find(existsSync);
    if (executablePath === undefined)
      throw new Error(`Chromium is not installed: there is none of ${CHROMIUM.join(', ')}`);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      keepalive('add', 'codex', '--home', '~/.codex-work', '--id', 'codex-work');
      keepalive('refresh', '--all');
      for (const picture of PICTURES) await take(browser, keepalive('ui', '--print'), picture);
      // Signing out of a tool shows what a session looks like that needs the user.
      rmSync(join(env.HOME, '.codex-work/auth.json'));
      await takeTray(env);
    } finally {
      await browser.close();
      keepalive('stop');
    }
  }),
);
