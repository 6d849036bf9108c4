import type { Browser, Locator, Page } from 'playwright-core';

/** The parts of an open editor that the extension uses. */
export type Workbench = {
  readonly page: Page;
  /** The item in the status bar. */
  readonly item: Locator;
  readonly tooltip: Locator;
  readonly messages: Locator;
  readonly terminal: Locator;
  /** Clicks on the item, and chooses from its lists. */
  readonly choose: (...labels: readonly string[]) => Promise<void>;
};

/** Opens the editor, and waits until the extension shows something. */
export async function openWorkbench(browser: Browser, url: string, scale = 1): Promise<Workbench> {
  const context = await browser.newContext({ viewport: { width: 1_000, height: 640 }, deviceScaleFactor: scale });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  const item = page.locator('[id="session-keepalive.session-keepalive.keepalive"]');
  await item.waitFor();
  return {
    page,
    item,
    tooltip: page.locator('.workbench-hover'),
    messages: page.locator('.notification-toast'),
    terminal: page.locator('.terminal-wrapper.active .xterm-rows'),
    async choose(...labels) {
      await item.click();
      for (const label of labels) await page.locator('.quick-input-list-row', { hasText: label }).first().click();
      // The focus goes back to the status bar, whose tooltip would cover messages.
      await page.mouse.click(500, 200);
    },
  };
}
