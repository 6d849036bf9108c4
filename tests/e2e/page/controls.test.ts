import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { ConfigView, NotifierInfo, Tool } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session, SessionState } from '../../../sdk/contract/session.ts';
import { session } from '../../plugins/ui-cli/fake-kernel.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { fakeKernel, visitFake } from './fake-daemon.ts';

const HOUR = 3_600_000;
const alive = (): SessionState => ({
  name: 'alive',
  wakeAt: Date.now() + HOUR,
  wakeWhy: 'every hour',
  expiresAt: Date.now() + 8 * HOUR,
});
const GAVE_UP: SessionState = { name: 'halted', why: 'too-many-failures', hint: 'It answered 500.', failures: 5 };
const attempt = (id: string, outcome: 'fresh' | 'refreshed') => ({
  id,
  startedAt: Date.now(),
  endedAt: Date.now(),
  reason: 'manual' as const,
  method: 'touch',
  outcome,
  failures: 0,
});

const TOOLS: readonly Tool[] = [
  {
    plugin: 'claude',
    displayName: 'Claude Code',
    status: 'not-kept',
    program: '/usr/bin/claude',
    places: ['~/.claude/.credentials.json'],
    sessions: [],
    offer: { plugin: 'claude', options: {} },
  },
  {
    plugin: 'codex',
    displayName: 'Codex',
    status: 'signed-out',
    places: ['~/.codex/auth.json'],
    sessions: [],
    action: 'Sign in with `codex login`.',
  },
  { plugin: 'gemini', displayName: 'Gemini CLI', status: 'missing', places: [], sessions: [] },
];

async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(root: Document): Promise<AxeResults> } };
    return (await axe.run(document)).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
}

const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');

describe.skipIf(NO_CHROMIUM)('the controls of the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test('without a session, the page lists every tool, keeps a found login, and follows a sign-in', async () => {
    let tools = TOOLS;
    const added = session('claude', alive(), { displayName: 'Claude Code', added: true });
    const kernel = fakeKernel([], { 'tool/list': () => tools, 'session/add': () => added });
    const page = await visitFake(browser, kernel);
    const rows = page.locator('#tools').getByRole('listitem');
    await page.getByRole('heading', { name: 'Sign in to a tool, and it is kept alive' }).waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).not.toContain('No session is kept alive yet');
    expect(
      (await rows.allInnerTexts()).map(text =>
        text
          .split('\n')
          .filter(line => line.trim())[1]
          ?.trim(),
      ),
    ).toEqual(['Signed in, but no session keeps it alive', 'Installed, but not signed in', 'Not found']);
    await rows.filter({ hasText: 'Codex' }).getByRole('button', { name: 'Copy codex login' }).waitFor();
    expect(await violations(page)).toEqual([]);
    tools = TOOLS.map(tool => (tool.plugin === 'codex' ? { ...tool, status: 'unreadable' } : tool));
    await rows.filter({ hasText: 'A login was found that cannot be used' }).waitFor();
    await page.getByRole('button', { name: 'Keep it alive Claude Code' }).click();
    await expect.poll(() => kernel.asked).toContainEqual(['session/add', { plugin: 'claude', options: {} }]);
    kernel.notify('session/didChange', added);
    await page.getByRole('article', { name: 'Claude Code' }).waitFor();
    await page.getByText('Other tools').click();
    await rows.first().waitFor({ state: 'detached' });
  });

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
    ['in forced colours', { forcedColors: 'active' }],
  ] as const)('%s: every control is accessible and fits', async (_how, options) => {
    const daily = { mode: 'daily', at: '09:00', days: ['mon', 'tue'] } as const;
    const sessions = [
      session('a', alive(), { displayName: 'Acme', added: true, policy: { ...DEFAULT_POLICY, schedule: daily } }),
      session('b', GAVE_UP, { displayName: 'Other' }),
    ];
    const page = await visitFake(browser, fakeKernel(sessions, { 'tool/list': () => TOOLS }), options);
    const card = page.getByRole('article', { name: 'Acme' });
    // On a phone, cards are folded.
    if ('viewport' in options) await page.locator('#overview').getByRole('link', { name: 'Acme' }).click();
    await card.getByText('All values').click();
    await card.getByLabel('Renew before expiry').fill('soon');
    await card.getByLabel('Renew before expiry').press('Enter');
    await card.getByRole('button', { name: 'Remove…' }).click();
    await page.getByText('Other tools').click();
    await page.getByText('Add a session').click();
    await page.getByLabel('What to keep alive').selectOption('An OAuth token file');
    await page.getByRole('button', { name: 'Show the command' }).click();
    await page.getByText('This is needed.').first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
  });

  test('a renewal that comes too early waits for its time, can be cancelled, and keeps the focus', async () => {
    let retryAt = 0;
    let attempts = 0;
    const fresh = session('a', alive(), { lastAttempt: attempt('a', 'fresh') });
    const kernel = fakeKernel([fresh], {
      'session/refresh': ({ force }) => {
        if (!force) return fresh;
        attempts += 1;
        if (Date.now() < retryAt) throw new KeepaliveError('KA_RATE_LIMITED', { id: 'a', retryAt });
        return { ...fresh, lastAttempt: attempt('a', 'refreshed') };
      },
    });
    const page = await visitFake(browser, kernel);
    const renew = page.getByRole('button', { name: 'Renew now' });
    await page.getByRole('button', { name: 'Refresh now' }).click();
    retryAt = Date.now() + 9_000;
    await renew.focus();
    await page.keyboard.press('Enter');
    await page
      .getByText(/^Renewing in \d s…$/)
      .first()
      .waitFor();
    expect([await renew.isVisible(), await focused(page)]).toEqual([true, expect.stringContaining('Renew now')]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page
      .getByText(/^Renewing in/)
      .first()
      .waitFor({ state: 'detached' });
    expect([attempts, await focused(page)]).toEqual([1, expect.stringContaining('Renew now')]);
    retryAt = Date.now() + 2_000;
    await renew.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Renewed.' }).waitFor();
    expect([attempts, await focused(page)]).toEqual([3, expect.stringContaining('Renew now')]);
    retryAt = Date.now() + HOUR;
    await renew.press('Enter');
    await page.getByText('The vendor asked to wait. It can be renewed again at').waitFor();
    expect(await renew.isVisible()).toBe(true);
  });

  test('a notice has the button that it asks for', async () => {
    const notice: Notice = {
      id: 'a:failing',
      session: 'a',
      level: 'error',
      code: 'failing',
      title: 'Acme cannot be kept alive',
      body: 'It answered 500.',
      action: 'It is retried once a day. See `keepalive explain a`, then run `keepalive resume a`.',
      raisedAt: Date.now(),
    };
    const acme = session('a', GAVE_UP, { displayName: 'Acme' });
    const kernel = fakeKernel([acme], { 'notice/list': () => [notice] });
    const page = await visitFake(browser, kernel);
    const shown = page.getByRole('article', { name: notice.title });
    await shown.getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => kernel.asked).toContainEqual(['session/resume', { id: 'a' }]);
    expect(await shown.getByText('keepalive resume').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    kernel.notify('notice/didClear', notice);
    await shown.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
  });

  test('a session that is switched off says where, and can be switched on beside that', async () => {
    const policy = { ...DEFAULT_POLICY, enabled: false };
    const off: SessionState = { name: 'halted', why: 'paused', hint: 'Disabled.', failures: 0, disabled: true };
    const config = (origin: ConfigView['values'][number]['origin']): ConfigView => ({
      file: '/home/me/keepalive.config.json',
      plugins: [],
      values: [{ session: 'a', key: 'enabled', value: false, origin }],
    });
    const here = await visitFake(
      browser,
      fakeKernel([session('a', off, { policy })], { 'config/show': () => config('settings') }),
    );
    await here.getByText('You switched this session off here.').waitFor();
    const kernel = fakeKernel([session('a', off, { policy })], { 'config/show': () => config('session') });
    const page = await visitFake(browser, kernel);
    await page.getByText('/home/me/keepalive.config.json switches this session off').waitFor();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await expect.poll(() => kernel.asked).toContainEqual(['session/configure', { id: 'a', policy: { enabled: true } }]);
  });

  test('a value is saved by Enter, undone by Escape, and not sent while it is not valid', async () => {
    const kernel = fakeKernel([session('a', alive())]);
    const page = await visitFake(browser, kernel);
    await page.getByText('All values').click();
    const field = page.getByLabel('Renew before expiry');
    await field.fill('soon');
    await field.press('Enter');
    await page.getByText('Write a number and a unit').waitFor();
    await field.press('Escape');
    expect([await field.inputValue(), await page.getByText('Write a number and a unit').count()]).toEqual(['5 min', 0]);
    await field.fill('10m');
    await field.press('Enter');
    await page.getByText('Saved.').waitFor();
    expect(kernel.asked.filter(([method]) => method === 'session/configure')).toEqual([
      ['session/configure', { id: 'a', policy: { refreshBefore: '10m' } }],
    ]);
    expect(await field.evaluate(input => input === document.activeElement)).toBe(true);
    await page.getByText('Saved.').waitFor({ state: 'detached' });
    await page.getByLabel('Show the account').click();
    await expect
      .poll(() => kernel.asked)
      .toContainEqual(['session/configure', { id: 'a', policy: { account: false } }]);
    expect(await violations(page)).toEqual([]);
  });

  test('a refused value stays in its field, with the reason beside it', async () => {
    const kernel = fakeKernel([session('a', alive())], {
      'session/configure': () => {
        const problems = [{ path: 'policy.timeout', message: 'expected less' }];
        throw Object.assign(new Error('Invalid params'), { code: -32_602, data: { problems } });
      },
    });
    const page = await visitFake(browser, kernel);
    await page.getByText('All values').click();
    await page.getByLabel('Time limit').fill('90 s');
    await page.getByLabel('Time limit').press('Enter');
    await page.getByText('The daemon refuses this: expected less.').waitFor();
    expect(await page.getByLabel('Time limit').inputValue()).toBe('90 s');
  });

  test('a session is added with a form that shows what is missing and what the daemon refuses', async () => {
    let refused = true;
    const kernel = fakeKernel([], {
      'tool/list': () => TOOLS,
      'session/add': () => {
        if (!refused) return session('codex-work', alive(), { displayName: 'Codex work', added: true });
        throw new KeepaliveError('KA_CONFIG_INVALID', {
          problems: [{ path: 'options.home', message: 'no such folder' }],
        });
      },
    });
    const page = await visitFake(browser, kernel);
    await page.getByText('Add a session').click();
    await page.getByLabel('What to keep alive').selectOption('Codex, another account');
    await page.getByLabel('Id', { exact: true }).fill('codex-work');
    await page.getByRole('button', { name: 'Add session' }).click();
    await page.getByText('This is needed.').waitFor();
    expect(await page.getByLabel('Folder').evaluate(input => input === document.activeElement)).toBe(true);
    await page.keyboard.type('~/.codex-work');
    await page.keyboard.press('Enter');
    await page.getByText('no such folder').waitFor();
    expect(await violations(page)).toEqual([]);
    refused = false;
    await page.getByRole('button', { name: 'Add session' }).click();
    await page.getByText('Codex work is kept alive now.').waitFor();
    expect(kernel.asked.at(-1)).toEqual([
      'session/add',
      { plugin: 'codex', options: { id: 'codex-work', home: '~/.codex-work' } },
    ]);
    expect(await page.getByLabel('Folder').inputValue()).toBe('');
  });

  test('a session that was added here can be removed after a question', async () => {
    const sessions: Session[] = [session('a', alive()), session('b', alive(), { displayName: 'Acme', added: true })];
    const kernel = fakeKernel(sessions, {
      'session/list': () => sessions,
      'session/remove': () => {
        sessions.pop();
        return null;
      },
    });
    const page = await visitFake(browser, kernel);
    await page.getByRole('button', { name: 'Remove… Acme' }).press('Enter');
    await page.getByText('Its credential stays as it is').waitFor();
    await page.getByRole('button', { name: 'Keep Acme' }).press('Enter');
    await page.getByRole('button', { name: 'Remove… Acme' }).press('Enter');
    await page.getByRole('button', { name: 'Remove Acme', exact: true }).press('Enter');
    await page.getByRole('article', { name: 'Acme' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
  });

  test('a notifier can be switched and tested', async () => {
    const notifiers: readonly NotifierInfo[] = [
      { id: 'notify-desktop', place: 'on this desktop', status: 'on' },
      { id: 'notify-webhook', place: 'at hooks.example', status: 'unavailable', reason: 'No address is set.' },
    ];
    const kernel = fakeKernel([], {
      'notifier/list': () => notifiers,
      'notifier/configure': ({ id, enabled }) => ({
        id,
        place: 'on this desktop',
        status: enabled ? 'on' : 'off',
      }),
      'notifier/test': () => [{ id: 'notify-desktop', delivered: false, reason: 'No notification service runs.' }],
    });
    const page = await visitFake(browser, kernel);
    await page.getByText('Unavailable: No address is set.').waitFor();
    await page.getByRole('button', { name: 'Send a test notice' }).click();
    await page.getByText('No test notice was sent on this desktop: No notification service runs.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('On this desktop').uncheck();
    await page.getByText('Notices appear only on this page').waitFor();
    expect(kernel.asked).toContainEqual(['notifier/configure', { id: 'notify-desktop', enabled: false }]);
  });

  test('all sessions can be paused, and those that were paused resumed', async () => {
    const kernel = fakeKernel([session('a', alive()), session('b', alive())]);
    const page = await visitFake(browser, kernel);
    await page.getByRole('button', { name: 'Pause all' }).click();
    await page.getByText('2 sessions paused.').waitFor();
    expect(kernel.asked).toContainEqual(['session/pause', { id: 'b' }]);
  });
});
