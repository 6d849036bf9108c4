import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { untilSession } from '../../support/daemon/daemon.ts';
import { violations } from './accessible.ts';
import { answeringFiles, visit } from './opened.ts';
import { describeInBrowser } from './shared-browser.ts';

const TROUBLE: Readonly<Record<number, string>> = { 7: 'failed', 31: 'login-required', 40: 'unavailable' };
const SESSIONS = Array.from({ length: 60 }, (_, index) => ({
  id: `acme-${index}`,
  displayName: `Acme ${index}`,
  answer: TROUBLE[index] ?? 'refreshed',
}));
const DESKTOP: BrowserContextOptions = { viewport: { width: 1400, height: 900 } };

describeInBrowser('a page of 60 sessions', answeringFiles(SESSIONS), shared => {
  beforeAll(async () => {
    for (const { id } of SESSIONS)
      await untilSession(shared.daemon, id, ({ lastAttempt }) => lastAttempt !== undefined);
  });

  const opened = (options = DESKTOP) => visit(shared.browser, shared.daemon.client, options);
  const lines = (page: Page) => page.locator('#overview').getByRole('article');
  const nameOf = (page: Page, index: number) => lines(page).nth(index).getByRole('heading').innerText();

  test('is at most 3,000 pixels high, with trouble first', async () => {
    const { page } = await opened();
    await page.getByText('3 of 60 sessions need you.').waitFor();
    expect(await page.title()).toBe('(3) Session Keepalive');
    expect(await Promise.all([0, 1, 2, 3].map(index => nameOf(page, index)))).toEqual([
      'Acme 31',
      'Acme 7',
      'Acme 40',
      'Acme 0',
    ]);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(3_000);
  });

  test.each([
    ['light', { ...DESKTOP, colorScheme: 'light' }],
    ['dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['on a tablet', { viewport: { width: 800, height: 1_000 } }],
    ['on a phone', { viewport: { width: 390, height: 800 } }],
    ['in forced colours', { ...DESKTOP, forcedColors: 'active' }],
  ] as const)('%s: is accessible and fits', async (_how, options) => {
    const { page, complaints } = await opened(options);
    await lines(page).first().getByRole('button').first().click();
    await page.getByText('Show all 60 sessions').click();
    expect(await violations(page)).toEqual([]);
    const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect([await page.evaluate(sideways), complaints]).toEqual([0, []]);
  });

  test('sessions are found by a text and by a status, and stay found when the page is loaded again', async () => {
    const { page } = await opened();
    await page.getByRole('searchbox').fill('acme 3');
    await expect.poll(() => lines(page).count()).toBe(15);
    await page.getByRole('button', { name: 'Needs you 3' }).click();
    await expect.poll(() => lines(page).count()).toBe(1);
    await page.reload();
    await expect.poll(() => lines(page).count()).toBe(1);
    expect(await nameOf(page, 0)).toBe('Acme 31');
    await page.getByRole('searchbox').fill('nothing');
    await page.getByText('No session matches.').waitFor();
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await expect.poll(() => lines(page).count()).toBe(60);
  });

  test('a session opens by keyboard and stays open when the page is loaded again', async () => {
    const { page } = await opened();
    const line = page.getByRole('article', { name: 'Acme 5', exact: true });
    const disclosure = line.getByRole('button', { name: 'Acme 5', exact: true });
    await disclosure.focus();
    await page.keyboard.press('Enter');
    await line.getByRole('button', { name: 'Refresh now' }).waitFor();
    await page.reload();
    await line.getByRole('button', { name: 'Refresh now' }).waitFor();
    await disclosure.focus();
    await page.keyboard.press('Space');
    await line.getByRole('button', { name: 'Refresh now' }).waitFor({ state: 'detached' });
    expect(await disclosure.getAttribute('aria-expanded')).toBe('false');
  });

  test('a link to what needs the user opens that session, whatever the filter is', async () => {
    const { page } = await opened();
    await page.getByRole('searchbox').fill('acme 50');
    await page.getByRole('link', { name: 'Acme 31: login required' }).click();
    const line = page.getByRole('article', { name: 'Acme 31', exact: true });
    await line.getByRole('button', { name: 'Refresh now' }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });
});
