import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { untilSession } from '../../support/daemon/daemon.ts';
import { describeInBrowser } from './shared-browser.ts';
import { answeringFiles, visit, type Visit } from './opened.ts';

/** A session for each test, also if each one is repeated: a repeated test must not find what it has changed. */
const IDS = Array.from({ length: 24 }, (_, index) => `acme-${index}`);

const FILES = answeringFiles(IDS.map(id => ({ id, displayName: `Session ${id}`, answer: 'fresh', lifeMs: 7_200_000 })));

describeInBrowser('the settings page', FILES, shared => {
  let unused = IDS;
  const schedule = async (id: string) => (await shared.daemon.client.request('session/get', { id })).policy.schedule;
  /** The settings of a session in settings.json. */
  async function settings(id: string): Promise<unknown> {
    const { home } = await shared.daemon.client.request('kernel/info');
    return JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).sessions[id];
  }

  async function opened(): Promise<Visit & { readonly id: string; readonly card: Locator }> {
    const [id = '', ...rest] = unused;
    unused = rest;
    await untilSession(shared.daemon, id, ({ lastAttempt }) => lastAttempt !== undefined);
    const visited = await visit(shared.browser, shared.daemon.client);
    const card = visited.page.getByRole('article', { name: `Session ${id}`, exact: true });
    await card.getByRole('button', { name: `Session ${id}`, exact: true }).click();
    return { ...visited, id, card };
  }

  test('a changed mode is applied, saved, marked as set here, and can be reset', async () => {
    const { id, card, complaints } = await opened();
    await card.getByRole('radio', { name: 'Every' }).check();
    await card.getByText('Saved.').waitFor();
    expect(await schedule(id)).toEqual({ mode: 'interval', every: '30m' });
    await card.getByRole('textbox', { name: 'How often' }).fill('45 minutes');
    await card.getByRole('textbox', { name: 'How often' }).press('Enter');
    await untilSession(
      shared.daemon,
      id,
      ({ policy }) => policy.schedule.mode === 'interval' && policy.schedule.every === '45m',
    );
    expect(await settings(id)).toEqual({ schedule: { mode: 'interval', every: '45m' } });
    await card.getByRole('button', { name: 'Use the configured value (5 minutes before expiry)' }).click();
    await untilSession(shared.daemon, id, ({ policy }) => policy.schedule.mode === 'before-expiry');
    await card.getByText('Set here.').waitFor({ state: 'detached' });
    expect(await card.getByRole('radio', { name: 'Before expiry' }).isChecked()).toBe(true);
    expect([await settings(id), complaints]).toEqual([undefined, []]);
  });

  test('a time of day and a time zone can be set', async () => {
    const { id, card } = await opened();
    await card.getByLabel('Time of day').fill('07:30');
    await card.getByLabel('Time zone').fill('Europe/Berlin');
    await card.getByLabel('Time zone').press('Enter');
    const { policy } = await untilSession(
      shared.daemon,
      id,
      ({ policy }) => policy.schedule.mode === 'daily' && policy.schedule.timezone !== undefined,
    );
    expect(policy.schedule).toEqual({ mode: 'daily', at: '07:30', timezone: 'Europe/Berlin' });
  });

  test('text that is being typed stays while another change is saved', async () => {
    const { id, card } = await opened();
    await card.getByLabel('Time zone').fill('Europe/Berlin');
    await shared.daemon.client.request('session/configure', {
      id,
      policy: { schedule: { mode: 'daily', at: '07:30' } },
    });
    await expect.poll(() => card.getByLabel('Time of day').inputValue()).toBe('07:30');
    expect(await card.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin');
    await card.getByLabel('Time zone').press('Enter');
    const { policy } = await untilSession(
      shared.daemon,
      id,
      ({ policy }) => policy.schedule.mode === 'daily' && policy.schedule.timezone !== undefined,
    );
    expect(policy.schedule).toEqual({ mode: 'daily', at: '07:30', timezone: 'Europe/Berlin' });
  });

  test.each([
    ['How long before expiry', 'soon', 'Write a number and a unit'],
    ['Time zone', 'Atlantis', 'expected a time zone'],
  ])('%s: an invalid value shows an error beside the field and changes nothing', async (name, text, said) => {
    const { id, card } = await opened();
    const before = (await shared.daemon.client.request('session/get', { id })).policy;
    await card.getByLabel(name).fill(text);
    await card.getByLabel(name).press('Enter');
    await card.getByText(said).waitFor();
    expect((await shared.daemon.client.request('session/get', { id })).policy).toEqual(before);
  });

  test('switching off and on again leaves no setting behind', async () => {
    const { id, card } = await opened();
    const keep = card.getByRole('checkbox', { name: 'Keep session alive automatically' });
    await keep.uncheck();
    await untilSession(shared.daemon, id, ({ state }) => state.name === 'halted' && state.disabled === true);
    await card.getByText('Disabled', { exact: true }).waitFor();
    expect(await settings(id)).toEqual({ enabled: false });
    await keep.check();
    await untilSession(shared.daemon, id, ({ state }) => state.name !== 'halted');
    expect(await settings(id)).toBeUndefined();
  });

  test('rapid changes are applied in their order', async () => {
    const { id, card } = await opened();
    const enabled: boolean[] = [];
    onTestFinished(
      shared.daemon.client.on('session/didChange', session => {
        if (session.id === id && session.policy.enabled !== enabled.at(-1)) enabled.push(session.policy.enabled);
      }),
    );
    await card.getByRole('checkbox').evaluate(box => [1, 2, 3].forEach(() => (box as HTMLInputElement).click()));
    await expect.poll(() => enabled).toEqual([false, true, false]);
    expect(await settings(id)).toEqual({ enabled: false });
    // The page gets the change over its own connection.
    await expect.poll(() => card.getByRole('checkbox').isChecked()).toBe(false);
  });

  test('the checkbox resumes a session that was paused elsewhere', async () => {
    const { id, card } = await opened();
    await shared.daemon.client.request('session/pause', { id });
    const keep = card.getByRole('checkbox', { name: 'Keep session alive automatically', checked: false });
    await keep.check();
    expect(await untilSession(shared.daemon, id, ({ state }) => state.name !== 'halted')).toMatchObject({
      policy: { enabled: true },
    });
  });

  test('Refresh now checks first, and Renew now forces a renewal', async () => {
    const { id, card } = await opened();
    await card.getByRole('button', { name: 'Refresh now' }).click();
    await card.getByRole('status').filter({ hasText: 'Checked, not due.' }).waitFor();
    await card.getByRole('button', { name: 'Renew now' }).click();
    await card.getByRole('status').filter({ hasText: 'Renewed.' }).waitFor();
    expect(
      (await shared.daemon.client.request('session/history', { id, limit: 2 })).map(({ outcome, reason }) => [
        outcome,
        reason,
      ]),
    ).toEqual([
      ['refreshed', 'manual'],
      ['fresh', 'manual'],
    ]);
  });

  test('the card explains the next attempt and the origin of every value', async () => {
    const { card } = await opened();
    await card.getByText('Explain').click();
    await card.getByText('The schedule is').waitFor();
    await card.getByText('All values').click();
    expect(await card.getByRole('listitem').filter({ hasText: 'minInterval' }).innerText()).toContain(
      'configuration, all sessions',
    );
  });

  test('a second page shows the changes of the first one', async () => {
    const { id, page, card } = await opened();
    const second = await page.context().newPage();
    await second.goto(page.url());
    await card.getByRole('radio', { name: 'Daily at' }).check();
    const there = second.getByRole('article', { name: `Session ${id}`, exact: true });
    await there.getByRole('button', { name: `Session ${id}`, exact: true }).click();
    await there.getByText('Set here.').waitFor();
    await expect.poll(() => there.getByRole('radio', { name: 'Daily at' }).isChecked()).toBe(true);
  });

  test('everything works by keyboard', async () => {
    const { id, page, card } = await opened();
    await card.getByRole('checkbox', { name: 'Keep session alive' }).focus();
    await page.keyboard.press('Space');
    await untilSession(shared.daemon, id, ({ policy }) => !policy.enabled);
    await page.keyboard.press('Space');
    await untilSession(shared.daemon, id, ({ policy }) => policy.enabled);
    await card.getByRole('radio', { name: 'Before expiry' }).focus();
    await page.keyboard.press('ArrowDown');
    await untilSession(shared.daemon, id, ({ policy }) => policy.schedule.mode === 'interval');
    expect(await card.getByRole('radio', { name: 'Every' }).evaluate(radio => radio === document.activeElement)).toBe(
      true,
    );
    await card.getByRole('button', { name: 'Refresh now' }).focus();
    await page.keyboard.press('Enter');
    await card
      .getByRole('status')
      .filter({ hasText: /not due|early/ })
      .waitFor();
    expect(
      await card.getByRole('button', { name: 'Refresh now' }).evaluate(button => button === document.activeElement),
    ).toBe(true);
  });
});
