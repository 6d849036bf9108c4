import { expect, test } from 'vitest';
import { untilSession } from '../../support/daemon/daemon.ts';
import { violations } from './accessible.ts';
import { answeringFiles, visit } from './opened.ts';
import { describeInBrowser } from './shared-browser.ts';

const NAMES = ['One', 'Two', 'Three'];
const SESSIONS = NAMES.map(displayName => ({ id: displayName.toLowerCase(), displayName, lifeMs: 7_200_000 }));
const PHONE = { viewport: { width: 390, height: 844 } };

describeInBrowser('three sessions on a phone', answeringFiles(SESSIONS), shared => {
  const opened = async () => {
    for (const { id } of SESSIONS) await untilSession(shared.daemon, id, ({ state }) => state.name === 'alive');
    return visit(shared.browser, shared.daemon.client, PHONE);
  };

  test('the first screen shows every state', async () => {
    const { page } = await opened();
    const box = await page.locator('#overview').boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(PHONE.viewport.height);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(3_000);
  });

  test('settings are folded, and open by a press or a link, also by keyboard', async () => {
    const { page, complaints } = await opened();
    const card = (name: string) => page.getByRole('article', { name, exact: true });
    const button = card('One').getByRole('button', { name: 'One', exact: true });
    expect(await button.getAttribute('aria-expanded')).toBe('false');
    await button.focus();
    await page.keyboard.press('Enter');
    await card('One').getByLabel('Keep session alive automatically').waitFor();
    await page.locator('#overview').getByRole('link', { name: 'Two' }).click();
    await card('Two').getByRole('button', { name: 'Refresh now' }).waitFor();
    expect(await card('Three').getByRole('button', { name: 'Refresh now' }).count()).toBe(0);
    expect([await violations(page), complaints]).toEqual([[], []]);
  });
});
