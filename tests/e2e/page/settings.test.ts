import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilSession } from '../../support/daemon.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { answeringHome, openPage, type Opened } from './opened.ts';

const ACME = [{ id: 'acme', displayName: 'Acme', answer: 'fresh', lifeMs: 7_200_000 }];
const settings = (home: string): unknown => JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).sessions;

describe.skipIf(NO_CHROMIUM)(`the settings page${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function opened(): Promise<Opened & { readonly home: string; readonly card: Locator }> {
    const home = answeringHome(ACME);
    const open = await openPage(browser, home);
    await untilSession(open.daemon, 'acme', ({ lastAttempt }) => lastAttempt !== undefined);
    return { ...open, home, card: open.page.getByRole('article', { name: 'Acme' }) };
  }

  test('changes the mode: it is in force, in settings.json, marked as set here, and there is a way back', async () => {
    const { daemon, card, home, complaints } = await opened();
    const schedule = async () => (await daemon.client.request('session/get', { id: 'acme' })).policy.schedule;
    await card.getByRole('radio', { name: 'Every' }).check();
    await card.getByText('Saved.').waitFor();
    expect(await schedule()).toEqual({ mode: 'interval', every: '30m' });
    await card.getByRole('textbox', { name: 'How often' }).fill('45 minutes');
    await card.getByRole('textbox', { name: 'How often' }).press('Enter');
    await untilSession(daemon, 'acme', ({ policy }) => policy.schedule.mode === 'interval' && policy.schedule.every === '45m');
    expect(settings(home)).toEqual({ acme: { schedule: { mode: 'interval', every: '45m' } } });
    await card.getByRole('button', { name: 'Go back to it for schedule' }).click();
    await untilSession(daemon, 'acme', ({ policy }) => policy.schedule.mode === 'before-expiry');
    await card.getByText('Set here').waitFor({ state: 'detached' });
    expect(await card.getByRole('radio', { name: 'Before expiry' }).isChecked()).toBe(true);
    expect([settings(home), complaints]).toEqual([{}, []]);
  });

  test('a time of day and a zone', async () => {
    const { daemon, card } = await opened();
    await card.getByLabel('Time of day').fill('07:30');
    await card.getByLabel('Time zone').fill('Europe/Berlin');
    await card.getByLabel('Time zone').press('Enter');
    const { policy } = await untilSession(daemon, 'acme', ({ policy }) => policy.schedule.mode === 'daily' && policy.schedule.timezone !== undefined);
    expect(policy.schedule).toEqual({ mode: 'daily', at: '07:30', timezone: 'Europe/Berlin' });
  });

  test.each([
    ['How long before expiry', 'soon', 'Write a number and a unit'],
    ['Time zone', 'Atlantis', 'expected a time zone'],
  ])('%s: what is wrong is said beside it, and changes nothing', async (name, text, said) => {
    const { daemon, card } = await opened();
    const before = (await daemon.client.request('session/get', { id: 'acme' })).policy;
    await card.getByLabel(name).fill(text);
    await card.getByLabel(name).press('Enter');
    await card.getByText(said).waitFor();
    expect((await daemon.client.request('session/get', { id: 'acme' })).policy).toEqual(before);
  });

  test('switching off and on again leaves no setting behind', async () => {
    const { daemon, page, card, home } = await opened();
    const keep = card.getByRole('checkbox', { name: 'Keep session alive automatically' });
    await keep.uncheck();
    await untilSession(daemon, 'acme', ({ state }) => state.name === 'halted' && state.disabled === true);
    await page.getByText('Your session is paused.').waitFor();
    expect(settings(home)).toEqual({ acme: { enabled: false } });
    await keep.check();
    await untilSession(daemon, 'acme', ({ state }) => state.name !== 'halted');
    expect(settings(home)).toEqual({});
  });

  test('a session that was paused elsewhere is resumed by the same box', async () => {
    const { daemon, card } = await opened();
    await daemon.client.request('session/pause', { id: 'acme' });
    const keep = card.getByRole('checkbox', { name: 'Keep session alive automatically', checked: false });
    await keep.check();
    await untilSession(daemon, 'acme', ({ state }) => state.name !== 'halted');
  });

  test('refresh now looks first, and renews all the same if one insists', async () => {
    const home = answeringHome(ACME, { policy: { minInterval: '100ms' } });
    const { daemon, page } = await openPage(browser, home);
    const card = page.getByRole('article', { name: 'Acme' });
    await untilSession(daemon, 'acme', ({ lastAttempt }) => lastAttempt !== undefined);
    await card.getByRole('button', { name: 'Refresh now' }).click();
    await card.getByRole('status').filter({ hasText: 'Still fresh, nothing was due.' }).waitFor();
    await card.getByRole('button', { name: 'Renew anyway' }).click();
    await card.getByRole('status').filter({ hasText: 'Refreshed.' }).waitFor();
    expect((await daemon.client.request('session/history', { id: 'acme', limit: 2 })).map(({ outcome, reason }) => [outcome, reason])).toEqual([['refreshed', 'manual'], ['fresh', 'manual']]);
  });

  test('why, and where every value comes from', async () => {
    const { card } = await opened();
    await card.getByText('Why then?').click();
    await card.getByText('It is kept alive by the method').waitFor();
    await card.getByText('All values').click();
    expect(await card.getByRole('row', { name: 'minInterval' }).innerText()).toContain('configuration, all sessions');
  });

  test('a second page follows what the first one does', async () => {
    const { daemon, page, card } = await opened();
    const second = await page.context().newPage();
    await second.goto((await daemon.client.request('page/open')).url);
    await card.getByRole('radio', { name: 'Daily at' }).check();
    await second.getByRole('radio', { name: 'Daily at', checked: true }).waitFor();
    await second.getByText('Set here, over the configuration.').waitFor();
  });

  test('all of it by keyboard', async () => {
    const { daemon, page, card } = await opened();
    await card.getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await untilSession(daemon, 'acme', ({ policy }) => !policy.enabled);
    await page.keyboard.press('Space');
    await untilSession(daemon, 'acme', ({ policy }) => policy.enabled);
    await card.getByRole('radio', { name: 'Before expiry' }).focus();
    await page.keyboard.press('ArrowDown');
    await untilSession(daemon, 'acme', ({ policy }) => policy.schedule.mode === 'interval');
    expect(await card.getByRole('radio', { name: 'Every' }).evaluate(radio => radio === document.activeElement)).toBe(true);
    await card.getByRole('button', { name: 'Refresh now' }).focus();
    await page.keyboard.press('Enter');
    await card.getByRole('status').filter({ hasText: /fresh|early/ }).waitFor();
    expect(await card.getByRole('button', { name: 'Refresh now' }).evaluate(button => button === document.activeElement)).toBe(true);
  });
});
