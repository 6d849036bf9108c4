import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import augment from '../../plugins/augment/index.ts';
import cookies from '../../plugins/cookies/index.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { cookieSite, type CookieSite } from '../support/vendors/cookie-site.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { findVendorProgram } from '../support/vendors/vendor-program.ts';

/** How each browser is started headless to sign in, and where it stores its cookies. */
const BROWSERS = {
  chromium: {
    program: findVendorProgram('chromium'),
    args: (folder: string, url: string) => [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--password-store=basic',
      `--user-data-dir=${folder}`,
      '--dump-dom',
      url,
    ],
    profile: (folder: string) => join(folder, 'Default'),
  },
  firefox: {
    program: findVendorProgram('firefox-esr') ?? findVendorProgram('firefox'),
    args: (folder: string, url: string) => ['--headless', '--no-remote', '--profile', folder, url],
    profile: (folder: string) => folder,
  },
} as const;

/**
 * Signs in with the browser. Firefox runs until the test ends or asks it to quit. Chromium saves its cookies when it
 * ends.
 */
async function signIn(browser: keyof typeof BROWSERS, site: CookieSite) {
  const { program = '', args, profile } = BROWSERS[browser];
  const home = await temporaryFolder();
  const folder = join(home, 'browser');
  await mkdir(folder);
  const child = spawn(program, args(folder, `${site.url}/login`), {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: home },
  });
  const ended = once(child, 'exit');
  const quit = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  onTestFinished(quit);
  const provider = cookies({
    id: 'web',
    jar: { browser, profile: profile(folder) },
    ping: site.page,
    alive: { json: 'user' },
    sessionCookies: ['sid'],
  });
  const context = (given: Partial<ProviderContext> = {}) => realContext(home, given);
  for (let looks = 0; looks < 600 && !(await provider.inspect?.(context()))?.present; looks++) await realWait(100);
  return { provider, context, quit };
}

describe.each(['chromium', 'firefox'] as const)('a session of the real %s', browser => {
  const { program } = BROWSERS[browser];

  test.skipIf(!program)(
    `is kept alive, also while the browser runs (${program ?? 'skipped: not installed'})`,
    async () => {
      const site = await cookieSite({ lifeSeconds: 3_600 });
      const { provider, context, quit } = await signIn(browser, site);
      const seen = await provider.inspect?.(context());
      expect(seen?.present).toBe(true);
      expect(Math.abs((seen?.expiresAt?.getTime() ?? 0) - Date.now() - 3_600_000)).toBeLessThan(120_000);

      const first = context({ force: true });
      expect(await provider.refresh(first)).toMatchObject({ status: expect.stringMatching(/^(refreshed|fresh)$/) });
      expect(site.received.at(-1)).toContain('sid=CANARY-sid-0');
      expect([...first.concealed]).toContain('CANARY-sid-0');
      await quit();
      const soon = context({ now: () => Date.now() + 3_500_000 });
      expect(await provider.refresh(soon)).toMatchObject({ status: 'refreshed', method: 'ping' });
      expect(site.received.at(-1)).toContain('sid=CANARY-sid-1');
    },
    90_000,
  );
});

/** The default profile folder of each browser below the home, and how to map a host name to this machine. */
const AT_HOME = {
  chromium: {
    folder: '.config/chromium',
    args: (folder: string, url: string) => [
      '--host-resolver-rules=MAP app.augmentcode.com 127.0.0.1',
      ...BROWSERS.chromium.args(folder, url),
    ],
    files: {},
  },
  firefox: {
    folder: '.mozilla/firefox/ab12.default-release',
    args: BROWSERS.firefox.args,
    files: {
      '.mozilla/firefox/profiles.ini':
        '[Profile0]\nName=default-release\nIsRelative=1\nPath=ab12.default-release\nDefault=1\n',
      '.mozilla/firefox/ab12.default-release/user.js':
        'user_pref("network.dns.localDomains", "app.augmentcode.com");\n',
    },
  },
} as const;

describe.each(['chromium', 'firefox'] as const)('a session of Augment in the real %s', browser => {
  const { program } = BROWSERS[browser];

  test.skipIf(!program)(
    `is found without options and kept alive without a prompt (${program ?? 'skipped: not installed'})`,
    async () => {
      const site = await cookieSite({ lifeSeconds: 3_600, name: 'session' });
      const { folder, args, files } = AT_HOME[browser];
      const home = await temporaryFolder();
      await mkdir(join(home, folder), { recursive: true });
      for (const [path, text] of Object.entries(files)) await writeFile(join(home, path), text);
      const url = `${site.url.replace('127.0.0.1', 'app.augmentcode.com')}/login`;
      const child = spawn(program ?? '', args(join(home, folder), url), {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], HOME: home },
      });
      const ended = once(child, 'exit');
      const quit = async () => {
        child.kill('SIGTERM');
        await ended;
      };
      onTestFinished(quit);
      const provider = augment();
      const toSite: typeof fetch = (input, init) =>
        fetch(String(input).replace(/^https:..app.augmentcode.com.*/, site.page), init);
      const context = (given: Partial<ProviderContext> = {}) => realContext(home, { fetch: toSite, ...given });
      for (let looks = 0; looks < 600 && !(await provider.inspect?.(context()))?.present; looks++) await realWait(100);
      expect(await provider.inspect?.(context())).toMatchObject({ present: true, method: 'ping', hint: undefined });
      expect(await provider.refresh(context())).toMatchObject({ status: 'fresh', method: 'ping' });
      expect(site.received).toEqual([]);
      expect(await provider.refresh(context({ now: () => Date.now() + 1_860_000 }))).toMatchObject({
        status: 'refreshed',
        method: 'ping',
      });
      expect(site.received).toEqual([expect.stringContaining('session=CANARY-sid-0')]);
      await quit();
    },
    90_000,
  );
});
