import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type ViewportSize } from 'playwright-core';
import { withExampleHome } from './example-home.ts';

// Takes docs/images/page-*.png: the real settings page in Chromium, with made-up logins in a temporary home.

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

type Picture = { readonly name: string; readonly viewport: ViewportSize; readonly dark?: boolean };

const PICTURES: readonly Picture[] = [
  { name: 'page-light', viewport: { width: 1_180, height: 860 } },
  { name: 'page-dark', viewport: { width: 1_180, height: 860 }, dark: true },
  { name: 'page-phone', viewport: { width: 390, height: 844 } },
];

async function take(browser: Browser, url: string, { name, viewport, dark = false }: Picture): Promise<void> {
  const page = await browser.newPage({ viewport, deviceScaleFactor: 2, colorScheme: dark ? 'dark' : 'light' });
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  await page.evaluate('document.fonts.ready');
  const path = join(ROOT, `docs/images/${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  await page.close();
  process.stdout.write(`${path}\n`);
}

await withExampleHome(async env => {
  const keepalive = (...args: readonly string[]) =>
    execFileSync(process.execPath, [MAIN, ...args], { env, cwd: env.HOME, encoding: 'utf8' }).trim();
  keepalive('start');
  const executablePath = CHROMIUM.find(existsSync);
  if (executablePath === undefined)
    throw new Error(`Chromium is not installed: there is none of ${CHROMIUM.join(', ')}`);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    keepalive('refresh', '--all');
    for (const picture of PICTURES) await take(browser, keepalive('ui', '--print'), picture);
  } finally {
    await browser.close();
    keepalive('stop');
  }
}, dirname(process.execPath));
