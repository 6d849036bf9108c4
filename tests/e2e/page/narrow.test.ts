import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { untilSession } from '../../support/daemon/daemon.ts';
import { answeringFiles, visit } from './opened.ts';
import { describeInBrowser } from './shared-browser.ts';

const LONG = 'The_production_account_of_the_Department-of-Very-Long-Names_Incorporated';
const MANY_WORDS = 'A team with quite some words in its name, Frankfurt am Main';
const SESSIONS = ['long', 'words', 'codex', 'npm-token'];
const FILES = answeringFiles([], {
  plugins: [
    ['./answering.ts', { id: 'long', displayName: LONG, answer: 'failed' }],
    ['./answering.ts', { id: 'words', displayName: MANY_WORDS, answer: 'login-required' }],
    ['codex', { method: 'observe' }],
    ['deadline', { id: 'npm-token', expiresAt: '2040-01-01', renew: 'npm token create --read-only' }],
    './plugins/a-plugin-that-is-missing-and-has-a-long-name.ts',
    './missing.ts',
    'ui-web',
  ],
});

/** The doctor's findings, the settings, all that is folded. */
async function openEverything(page: Page): Promise<void> {
  const folded = page.getByRole('button', { expanded: false });
  for (let left = await folded.count(); left > 0; left -= 1) {
    await folded.first().click();
    await expect.poll(() => folded.count()).toBe(left - 1);
  }
  await page.getByRole('button', { name: 'Run doctor' }).click();
  await page.getByText('things were checked').waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  await expect.poll(() => page.getByLabel('Warn before the login ends').count()).toBe(SESSIONS.length);
}

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The commands whose button is on a line below them. */
const apart = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.command')]
      .filter(command => {
        const button = command.nextElementSibling?.querySelector('button')?.getBoundingClientRect();
        const end = [...command.getClientRects()].at(-1);
        return button && end && (button.top + button.bottom) / 2 > end.bottom;
      })
      .map(command => command.textContent),
  );

describeInBrowser('long names, a deadline and plugins that failed', FILES, shared => {
  beforeAll(async () => {
    for (const id of SESSIONS) await untilSession(shared.daemon, id, ({ lastAttempt }) => lastAttempt !== undefined);
  });

  const opened = async (width: number) => {
    const { page } = await visit(shared.browser, shared.daemon.client, { viewport: { width, height: 800 } });
    await openEverything(page);
    return page;
  };

  test.each([320, 360, 375, 768, 1_100])('with everything open, all fits into %i pixels', async width => {
    const page = await opened(width);
    expect([await sideways(page), await apart(page)]).toEqual([0, []]);
    const kind = page.getByLabel('What to keep alive');
    for (const option of await kind.locator('option').all()) {
      await kind.selectOption(await option.innerText());
      expect(await sideways(page)).toBe(0);
    }
  });

  test.each([320, 768])('a name is not squeezed by a long field beside it at %i pixels', async width => {
    const page = await opened(width);
    const name = await page.getByText('Warn before the login ends', { exact: true }).first().boundingBox();
    expect(name?.height).toBeLessThan(25);
  });

  test.each([320, 375, 500])('each filter of the history is beside its name at %i pixels', async width => {
    const { page } = await visit(shared.browser, shared.daemon.client, { viewport: { width, height: 800 } });
    for (const name of ['Session', 'Show']) {
      const select = await page.locator('#history').getByLabel(name, { exact: true }).boundingBox();
      const label = await page.locator('#history label').getByText(name, { exact: true }).boundingBox();
      expect(select?.width).toBeGreaterThan(123);
      expect(label?.y).toBeGreaterThan(select?.y ?? Infinity);
      expect((label?.y ?? Infinity) + (label?.height ?? 0)).toBeLessThan((select?.y ?? 0) + (select?.height ?? 0));
    }
  });

  test('the messages of the doctor have more than half of a wide page', async () => {
    const page = await opened(1_280);
    const message = await page.locator('#doctor').getByText('There is no plugin file').first().boundingBox();
    expect(message?.width).toBeGreaterThan(640);
  });
});
