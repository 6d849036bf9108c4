import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { startDaemon, temporaryHome, untilSession } from '../../support/daemon/daemon.ts';
import { describeInBrowser } from './shared-browser.ts';
import { violations } from './accessible.ts';
import { answeringFiles, visit } from './opened.ts';

const DAY = 86_400_000;
const EVERY_STATE = [
  { id: 'alive', displayName: 'Alive', loginMs: 5 * DAY },
  { id: 'login', displayName: 'Login', answer: 'login-required' },
  { id: 'gone', displayName: 'Gone', answer: 'unavailable' },
  { id: 'failing', displayName: 'Failing', answer: 'failed' },
  { id: 'offline', displayName: 'Offline', answer: 'offline' },
  { id: 'busy', displayName: 'Busy', takesMs: 600_000 },
];
const ACME = [{ id: 'acme', displayName: 'Acme' }];
const built = fileURLToPath(new URL('../../../dist/plugins/ui-web/page/', import.meta.url));

test('the page is less than 50 kB, and 58 with what a sign-in loads; warm-ups add 9, a fleet adds 5', () => {
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter(name => extname(name) !== '');
  const html = readFileSync(join(built, 'index.html'), 'utf8');
  const first = files.filter(name => name === 'index.html' || html.includes(name.replaceAll('\\', '/')));
  expect(first.length).toBeGreaterThan(2);
  const size = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(built, name))).length, 0);
  expect(size(first)).toBeLessThan(50_000);
  const [ofWarmUps, ofMachines] = ['warm-up-parts', 'fleet-parts'].map(part => files.filter(one => one.includes(part)));
  const late = [...(ofWarmUps ?? []), ...(ofMachines ?? [])];
  expect(late).toHaveLength(4);
  expect(size(files.filter(name => !late.includes(name)))).toBeLessThan(58_000);
  expect(size(ofWarmUps ?? [])).toBeLessThan(9_000);
  expect(size(ofMachines ?? [])).toBeLessThan(5_000);
});

describeInBrowser('how the page looks', answeringFiles(EVERY_STATE), shared => {
  beforeAll(async () => {
    for (const id of ['alive', 'login', 'gone', 'failing', 'offline'])
      await untilSession(shared.daemon, id, ({ lastAttempt }) => lastAttempt !== undefined);
  });

  const sideways = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
    ['in forced colours', { forcedColors: 'active' }],
    ['magnified four times', { viewport: { width: 320, height: 256 } }],
  ] as const)('%s: every state is accessible, fits, and loads nothing else', async (_how, options) => {
    const { page, complaints } = await visit(shared.browser, shared.daemon.client, options);
    const requests: string[] = [];
    page.on('request', request => void requests.push(new URL(request.url()).host));
    await page.reload();
    await page.getByRole('heading', { name: 'Login needs a login' }).waitFor();
    // Where the settings are folded, the link opens them.
    await page.locator('#overview').getByRole('link', { name: 'Failing' }).click();
    await page.getByRole('article', { name: 'Failing' }).getByText('All values').click();
    await page.getByRole('article', { name: 'Failing' }).getByText('Explain').click();
    await page.getByRole('button', { name: 'Run doctor' }).click();
    await page.getByText('things were checked').waitFor();
    expect(await violations(page)).toEqual([]);
    expect([await sideways(page), new Set(requests), complaints]).toEqual([0, new Set([new URL(page.url()).host]), []]);
  });

  test('a daemon without sessions says what to do', async () => {
    const { client } = await startDaemon(temporaryHome(answeringFiles([])));
    const { page } = await visit(shared.browser, client);
    await page.getByRole('heading', { name: 'Sign in to a tool, and it is kept alive', exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('history can be filtered by session and outcome', async () => {
    const { page } = await visit(shared.browser, shared.daemon.client);
    const rows = page.locator('#history').getByRole('listitem');
    await rows.filter({ hasText: 'Failing' }).first().waitFor();
    await page.getByLabel('Show').selectOption('Renewed');
    expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('Alive')]);
    await page.getByLabel('Session', { exact: true }).selectOption('Login');
    await page.getByText('No attempt matches this filter.').waitFor();
    await page.getByLabel('Show').selectOption('Trouble');
    expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('Login required')]);
  });

  test('the page reports a killed daemon, marks its data as old, and works again when it is reopened', async () => {
    const home = temporaryHome(answeringFiles(ACME));
    const first = await startDaemon(home);
    const { page } = await visit(shared.browser, first.client);
    await page.getByRole('article', { name: 'Acme' }).waitFor();
    first.child.kill('SIGKILL');
    await page.getByRole('alert').filter({ hasText: 'Keepalive is not running' }).waitFor();
    expect(await page.getByRole('radio', { name: 'Every' }).isDisabled()).toBe(true);
    expect(await violations(page)).toEqual([]);
    await first.done;
    const second = await startDaemon(home);
    await page.goto((await second.client.request('page/open')).url);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByRole('radio', { name: 'Every' }).isEnabled()).toBe(true);
  });
});
