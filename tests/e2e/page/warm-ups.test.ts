import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { WarmUp, WarmUpRun } from '../../../sdk/contract/rpc.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../../support/daemon/daemon.ts';
import { claudeLogin } from '../../support/vendors/claude-login.ts';
import { ALIVE, session } from '../../plugins/ui-cli/fake-kernel.ts';
import { violations } from './accessible.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { fakeKernel, visitFake } from './fake-daemon.ts';
import { enter } from './opened.ts';

const HOUR = 3_600_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A `claude` that answers what it is asked at a start, and notes each prompt. */
const CLAUDE = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args.includes('-p')) appendFileSync(__dirname + '/prompts', args.join(' ') + '\\n');
console.log(args.includes('--version') ? '2.1.100 (Claude Code)' : '{}');
`;

type Home = { readonly daemon: Daemon; readonly home: string };

/** A daemon with one session of claude, and with these plugins beside it. */
async function started(more: readonly unknown[] = [], files: Readonly<Record<string, string>> = {}): Promise<Home> {
  const login = claudeLogin({ expiresAt: Date.now() + 5 * HOUR, loginExpiresAt: Date.now() + 500 * HOUR });
  const home = temporaryHome({ '.claude/.credentials.json': login, ...files });
  const program = join(home, 'claude');
  writeFileSync(program, CLAUDE, { mode: 0o755 });
  const plugins = [['claude', { program }], ...more, 'ui-web'];
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins }));
  const daemon = await startDaemon(home);
  await untilSession(daemon, 'claude', ({ state }) => state.name === 'alive');
  return { daemon, home };
}

/** The histories are sorted by time, so that the times of one test file have one origin. */
const NOW = Date.now();

const MORNING = { id: 'morning', session: 'claude', at: ['06:00', '11:30'], perDay: 2, timezone: 'Europe/Berlin' };

const run = ({ plannedAt = NOW - 26 * HOUR, ...more }: Partial<WarmUpRun> = {}): WarmUpRun => ({
  id: 'morning',
  session: 'claude',
  plannedAt,
  endedAt: plannedAt,
  result: 'started',
  message: 'A window was started. It began 06:00 and resets 11:00.',
  windows: [],
  ...more,
});

const WINDOWS = [
  { kind: 'short' as const, usedPercent: 42, startsAt: NOW - 2 * HOUR, resetsAt: NOW + 3 * HOUR },
  { kind: 'week' as const, usedPercent: 86, resetsAt: NOW + 80 * HOUR },
];
const NO_EFFECT = run({
  result: 'no-effect',
  message: 'No effect: the prompt was answered, and no window was reported.',
});

/** What is kept of a warm-up that has paused itself. */
const PAUSED = JSON.stringify({
  version: 1,
  warmUps: {
    morning: {
      account: 'claude:one',
      withoutEffect: 2,
      paused: { at: NOW - 2 * HOUR, why: `2 warm-ups in a row had no effect. ${NO_EFFECT.message}` },
      runs: [
        NO_EFFECT,
        { ...NO_EFFECT, plannedAt: NOW - 50 * HOUR, endedAt: NOW - 50 * HOUR },
        run({ plannedAt: NOW - 74 * HOUR }),
      ],
    },
  },
  accounts: { 'claude:one': { claimedAt: NOW - 26 * HOUR, windows: WINDOWS, windowsAt: NOW - HOUR } },
});

const paused = () => started([['warmup', MORNING]], { 'warmup.json': PAUSED });

const section = (page: Page) => page.getByRole('region', { name: 'Warm-up' });
const dialogOf = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string | RegExp) => dialogOf(page).getByRole('button', { name });
const added = async ({ daemon }: Home) => daemon.client.request('warmup/list', {});
const isFocused = (element: Element) => document.activeElement === element;
const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.skipIf(NO_CHROMIUM)(`warm-ups on the page${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function opened({ daemon }: Home, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    return enter(context, daemon.client);
  }

  test('one is added after its cost was shown, by a second press, and sends nothing then', async () => {
    const home = await started();
    const { page, complaints } = await opened(home);
    const setUp = section(page).getByRole('button', { name: 'Set up a warm-up…' });
    await setUp.focus();
    await page.keyboard.press('Enter');
    await dialogOf(page).getByLabel('Time 1', { exact: true }).fill('05:30');
    await button(page, 'Add a time').click();
    const second = dialogOf(page).getByLabel('Time 2', { exact: true });
    expect(await second.evaluate(isFocused)).toBe(true);
    await second.fill('11:00');
    await dialogOf(page).getByText('After 1 prompt, the others are skipped.').waitFor();
    await dialogOf(page).getByLabel('Prompts a day, at most').fill('2');
    await dialogOf(page).getByRole('checkbox', { name: 'Sunday' }).uncheck();
    await dialogOf(page).getByLabel('Time zone').fill('Asia/Tokyo');
    await dialogOf(page).getByLabel('If the machine slept').selectOption('Make it up, up to 30 minutes late');
    await button(page, 'Add a day off').click();
    await dialogOf(page).getByLabel('Day off 1').fill('2030-12-25');
    expect(await violations(page)).toEqual([]);
    await button(page, 'Show what it costs').click();
    await dialogOf(page).getByRole('heading', { name: 'What this warm-up costs' }).waitFor();
    await dialogOf(page).getByText('What is run: claude -p …').click();
    const cost = await dialogOf(page).innerText();
    for (const text of ['claude -p --model haiku', '700', 'As we read', 'Up to 2 prompts a day', 'Nothing is sent now'])
      expect(cost).toContain(text);
    expect([await violations(page), await added(home)]).toEqual([[], []]);
    await button(page, 'Switch it on').click();
    await section(page)
      .getByText(/The warm-up warmup-claude is on\. Nothing is sent before/)
      .waitFor();
    const [warmUp] = await added(home);
    expect(warmUp).toMatchObject({
      id: 'warmup-claude',
      session: 'claude',
      at: ['05:30', '11:00'],
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
      timezone: 'Asia/Tokyo',
      skip: ['2030-12-25'],
      missed: '30m',
      perDay: 2,
      added: true,
    });
    expect([existsSync(join(home.home, 'prompts')), await violations(page), complaints]).toEqual([false, [], []]);
  });

  test('one that was added is removed after a question, and the section is one line again', async () => {
    const home = await started();
    await home.daemon.client.request('warmup/add', { options: { ...MORNING, id: 'mine' } });
    const { page } = await opened(home);
    const card = section(page).getByRole('article', { name: 'Claude Code mine' });
    await card.getByText('06:00, 11:30 every day; Europe/Berlin.').waitFor();
    await card.getByRole('button', { name: 'Remove… the warm-up of Claude Code' }).click();
    await card.getByRole('button', { name: 'Remove the warm-up of Claude Code' }).click();
    await section(page).getByRole('button', { name: 'Set up a warm-up…' }).waitFor();
    expect(await added(home)).toEqual([]);
  });

  test('what the daemon refuses is said at its field, which gets the focus', async () => {
    const home = await started();
    const { page } = await opened(home);
    await section(page).getByRole('button', { name: 'Set up a warm-up…' }).click();
    await dialogOf(page).getByLabel('Time 1', { exact: true }).fill('');
    await button(page, 'Show what it costs').click();
    await dialogOf(page).getByText('Write a time of day, such as 06:00.').waitFor();
    await dialogOf(page).getByLabel('Time 1', { exact: true }).fill('05:00');
    const zone = dialogOf(page).getByLabel('Time zone');
    await zone.fill('Mars/Base');
    await button(page, 'Show what it costs').click();
    await dialogOf(page).getByText('See the marked fields.').waitFor();
    expect(await zone.evaluate(isFocused)).toBe(true);
    expect(await zone.getAttribute('aria-invalid')).toBe('true');
    expect([await violations(page), await added(home)]).toEqual([[], []]);
  });

  test('the interval mode says what it costs', async () => {
    const home = await started();
    const { page } = await opened(home);
    await section(page).getByRole('button', { name: 'Set up a warm-up…' }).click();
    await dialogOf(page).getByText('Advanced').click();
    await dialogOf(page).getByRole('checkbox', { name: 'Again and again' }).check();
    await dialogOf(page).getByLabel('Try every').selectOption('2 hours');
    await dialogOf(page).getByLabel('Prompts a day, at most').fill('4');
    await dialogOf(page).getByText('Each prompt uses some of the quota of the week').waitFor();
    expect(await violations(page)).toEqual([]);
    await button(page, 'Show what it costs').click();
    await dialogOf(page).getByText('Up to 4 prompts a day, 28 a week').waitFor();
    await button(page, 'Switch it on').click();
    await section(page).getByText('Every 2 hours.').waitFor();
    expect(await added(home)).toMatchObject([{ every: '2h', perDay: 4 }]);
  });

  test('closing the dialog adds nothing, and gives the focus back', async () => {
    const home = await started();
    const { page } = await opened(home);
    const setUp = section(page).getByRole('button', { name: 'Set up a warm-up…' });
    await setUp.focus();
    await page.keyboard.press('Enter');
    await button(page, 'Show what it costs').click();
    await button(page, 'Switch it on').waitFor();
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'detached' });
    expect([await setUp.evaluate(isFocused), await added(home)]).toEqual([true, []]);
  });

  test('one that paused itself says why and what it did, and can be resumed', async () => {
    const home = await paused();
    const { page, complaints } = await opened(home);
    const card = section(page).getByRole('article', { name: 'Claude Code morning' });
    await card.getByText('It paused itself. 2 warm-ups in a row had no effect.').waitFor();
    await card.getByText('It is in the configuration').waitFor();
    expect(await card.getByRole('meter').evaluateAll(all => all.map(one => one.getAttribute('aria-valuenow')))).toEqual(
      ['42', '86'],
    );
    await card.getByText('Before that').click();
    await card.getByText('A window was started.').waitFor();
    expect([await violations(page), complaints]).toEqual([[], []]);
    await card.getByRole('button', { name: 'Resume the warm-up of Claude Code' }).click();
    await card.getByText('It paused itself.').waitFor({ state: 'detached' });
    const [warmUp] = await added(home);
    expect([warmUp?.paused, existsSync(join(home.home, 'prompts'))]).toEqual([undefined, false]);
  });

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['in forced colours', { forcedColors: 'active' }],
    ['without motion', { reducedMotion: 'reduce' }],
    ['on a phone', PHONE],
    ['on a narrow phone', { viewport: { width: 320, height: 568 } }],
  ] as const)('%s: they are accessible and fit', async (_how, options) => {
    const { page, complaints } = await opened(await paused(), options);
    await section(page).getByText('It paused itself.').waitFor();
    await section(page).getByText('Before that').click();
    await section(page).getByText('A window was started.').waitFor();
    expect([await violations(page), await sideways(page)]).toEqual([[], 0]);
    await section(page).getByRole('button', { name: 'Add a warm-up…' }).click();
    await dialogOf(page).getByText('Advanced').click();
    await dialogOf(page).getByRole('checkbox', { name: 'Again and again' }).check();
    const overflow = () => dialogOf(page).evaluate(element => element.scrollWidth - element.clientWidth);
    expect([await violations(page), await overflow()]).toEqual([[], 0]);
    await button(page, 'Show what it costs').click();
    await button(page, 'Switch it on').waitFor();
    expect([await violations(page), await overflow(), complaints]).toEqual([[], 0, []]);
  });

  const CLAUDE_SESSION = session('claude', ALIVE, { displayName: 'Claude Code', provider: 'claude' });
  const WARM_UP: WarmUp = { id: 'morning', session: 'claude', at: ['06:00'], next: [], windows: [], today: 0 };

  test('a run is shown when it happens', async () => {
    let last: WarmUpRun | undefined;
    const kernel = fakeKernel([CLAUDE_SESSION], {
      'warmup/list': () => [{ ...WARM_UP, ...(last && { last, windows: WINDOWS, windowsAt: Date.now() }) }],
    });
    const page = await visitFake(browser, kernel);
    await section(page).getByText('It has not run yet.').waitFor();
    last = run();
    kernel.notify('warmup/didRun', last);
    await section(page).getByText('42 % used').waitFor();
    expect(await section(page).innerText()).toContain('A window was started.');
  });

  test('while there is none, one line offers them, and only for a vendor with windows', async () => {
    const page = await visitFake(browser, fakeKernel([CLAUDE_SESSION]));
    await section(page).waitFor();
    expect((await section(page).boundingBox())?.height).toBeLessThan(60);
    const other = await visitFake(browser, fakeKernel([session('gemini', ALIVE, { provider: 'gemini' })]));
    await other.locator('#history').waitFor();
    expect(await section(other).count()).toBe(0);
  });

  test('an older daemon has none, and one that cannot read them says so', async () => {
    const lacking = () => {
      throw Object.assign(new Error('Method not found'), { code: -32_601 });
    };
    const old = await visitFake(browser, fakeKernel([CLAUDE_SESSION], { 'warmup/list': lacking }));
    await old.locator('#history').waitFor();
    expect(await section(old).count()).toBe(0);
    const damaged = () => {
      throw new KeepaliveError('KA_STORE_UNREADABLE', { path: '/home/me/warmup.json', reason: 'it is damaged' });
    };
    const page = await visitFake(browser, fakeKernel([CLAUDE_SESSION], { 'warmup/list': damaged }));
    await section(page)
      .getByText(/warmup\.json/)
      .waitFor();
    expect([await section(page).getByRole('button').count(), await violations(page)]).toEqual([0, []]);
  });
});
