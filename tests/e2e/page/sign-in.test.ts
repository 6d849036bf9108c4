import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SessionState } from '../../../sdk/contract/session.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../../support/daemon/daemon.ts';
import { violations } from './accessible.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { enter } from './opened.ts';

const TOOL = fileURLToPath(new URL('../../support/sign-in/vendor-tool.mjs', import.meta.url));
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });
const ALIVE = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-new' });
/** A tool whose sign-in asks for a code on every device. */
const ASKS = { asks: true };

type Home = { readonly daemon: Daemon; readonly home: string };

/** A daemon whose only session has this login. */
async function configured(login: string, state: SessionState['name'], options: object = {}): Promise<Home> {
  const home = temporaryHome({ 'tool/login.json': login });
  const config = { plugins: [[TOOL, { folder: join(home, 'tool'), ...options }], 'ui-web'] };
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
  return { daemon: await started(home, state), home };
}

const needsLogin = (options?: object): Promise<Home> => configured(DEAD, 'halted', options);

const launched = (home: string): Promise<Daemon> =>
  startDaemon(home, { args: ['--config', join(home, 'keepalive.config.json')] });

async function started(home: string, name: SessionState['name'] = 'halted'): Promise<Daemon> {
  const daemon = await launched(home);
  await untilSession(daemon, 'tool', ({ state }) => state.name === name);
  return daemon;
}

const approve = (home: string): void => writeFileSync(join(home, 'tool/approved'), '');
const store = (home: string): string => readFileSync(join(home, 'tool/login.json'), 'utf8');

const dialogOf = (page: Page) => page.getByRole('dialog', { name: /^Sign in to Vendor Tool/ });
const button = (page: Page, name: string) => dialogOf(page).getByRole('button', { name, exact: true });
const fromNotice = (page: Page) =>
  page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: /^Sign in/ });
const isAlive = (page: Page) => page.getByRole('status').filter({ hasText: 'Signed in. Vendor Tool is alive.' });

describe.skipIf(NO_CHROMIUM)(`a sign-in on the page${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function opened({ daemon }: Home, options: BrowserContextOptions = PHONE) {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    // The vendor's page. Nothing leaves this machine.
    await context.route('https://vendor.example/**', route => route.fulfill({ body: 'The vendor' }));
    const sockets: WebSocketRoute[] = [];
    await context.routeWebSocket(/rpc$/, socket => {
      socket.connectToServer();
      sockets.push(socket);
    });
    const visit = await enter(context, daemon.client);
    const disconnect = () => Promise.all(sockets.splice(0).map(socket => socket.close()));
    return { ...visit, context, disconnect };
  }

  test('with a user code takes three steps from the notice to alive on a phone', async () => {
    const home = await needsLogin();
    const { page, context, complaints } = await opened(home);
    await fromNotice(page).tap();
    // Who signs in to what is named before the code is shown.
    await button(page, 'Show the code').waitFor();
    const facts = await dialogOf(page).innerText();
    for (const name of ['Machine', 'Vendor Tool', 'm…@example.com', 'Vendor account', 'vendor.example'])
      expect(facts).toContain(name);
    expect(await page.content()).not.toMatch(/CANA/);
    await button(page, 'Show the code').tap();
    await dialogOf(page).getByText('CANA-RY12').waitFor();
    const vendor = context.waitForEvent('page');
    await dialogOf(page).getByRole('link', { name: 'Open vendor.example/sign-in' }).tap();
    expect(await (await vendor).evaluate(() => [opener, document.referrer])).toEqual([null, '']);
    approve(home.home);
    await page.bringToFront();
    await isAlive(page).waitFor();
    expect([await dialogOf(page).count(), await fromNotice(page).count()]).toEqual([0, 0]);
    expect([await violations(page), complaints]).toEqual([[], []]);
  });

  test('with a code to bring back takes three steps, and a wrong code is asked for again', async () => {
    const home = await needsLogin(ASKS);
    const { page, context, complaints } = await opened(home);
    await fromNotice(page).tap();
    const vendor = context.waitForEvent('page');
    await dialogOf(page).getByRole('link', { name: 'Continue at vendor.example/sign-in' }).tap();
    await (await vendor).close();
    const field = dialogOf(page).getByLabel('Code from vendor.example');
    expect(await field.evaluate(element => document.activeElement === element)).toBe(true);
    await field.fill('wrong');
    await button(page, 'Send').tap();
    await dialogOf(page).getByText('The vendor did not accept this code.').waitFor();
    expect([await field.inputValue(), await violations(page), store(home.home)]).toEqual(['', [], DEAD]);
    await field.fill('  good ');
    await page.keyboard.press('Enter');
    await isAlive(page).waitFor();
    expect(complaints).toEqual([]);
  });

  test('with another account is kept only after a question, and to close it is to refuse', async () => {
    const home = await needsLogin(ASKS);
    const { page } = await opened(home);
    const toQuestion = async () => {
      await button(page, 'Show the address').tap();
      await dialogOf(page).getByLabel('Code from vendor.example').fill('other');
      await button(page, 'Send').tap();
      await dialogOf(page)
        .getByText(/as another account than before.*o…@example.com.*keep it\?/)
        .waitFor();
    };
    await fromNotice(page).tap();
    await toQuestion();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await button(page, 'Try again').waitFor();
    await untilSession(home.daemon, 'tool', ({ state }) => state.name === 'halted' && state.why === 'paused');
  });

  test('with another account that is kept goes on', async () => {
    const home = await needsLogin(ASKS);
    const { page } = await opened(home);
    await fromNotice(page).tap();
    await button(page, 'Show the address').tap();
    await dialogOf(page).getByLabel('Code from vendor.example').fill('other');
    await button(page, 'Send').tap();
    await button(page, 'Keep').tap();
    await isAlive(page).waitFor();
    expect(store(home.home)).toContain('o…@example.com');
  });

  test('is cancelled by Escape, changes nothing then, and gives the focus back', async () => {
    const home = await needsLogin();
    const { page, complaints } = await opened(home, {});
    await fromNotice(page).focus();
    await page.keyboard.press('Enter');
    await button(page, 'Show the code').waitFor();
    // The focus stays in the dialog.
    for (let count = 0; count < 6; count += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main, header') ?? null)).toBeNull();
    }
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'detached' });
    expect(await fromNotice(page).evaluate(element => document.activeElement === element)).toBe(true);
    expect([store(home.home), new URL(page.url()).hash, complaints]).toEqual([DEAD, '', []]);
  });

  test('is only offered by a link, and is the same one after a reload', async () => {
    const home = await needsLogin();
    const { url } = await home.daemon.client.request('page/open');
    const { page } = await opened(home);
    await page.goto(`${url}#sign-in=tool`);
    await button(page, 'Sign in').waitFor();
    // No sign-in has begun, or this one would be refused.
    const { login } = await home.daemon.client.request('login/start', { id: 'tool', device: true });
    await home.daemon.client.request('login/cancel', { login });
    await expect
      .poll(async () => {
        await button(page, 'Sign in').or(button(page, 'Try again')).tap();
        return button(page, 'Show the code')
          .waitFor({ timeout: 2_000 })
          .then(
            () => true,
            () => false,
          );
      })
      .toBe(true);
    await page.reload();
    await button(page, 'Sign in').tap();
    await button(page, 'Show the code').tap();
    approve(home.home);
    await isAlive(page).waitFor();
  });

  test('that keepalive cannot run says what to type, and ends when the store holds a new login', async () => {
    const home = await needsLogin({ manual: true });
    const { page, complaints } = await opened(home);
    await fromNotice(page).tap();
    await dialogOf(page).getByRole('button', { name: 'Copy tool login' }).waitFor();
    await dialogOf(page).getByText('The sign-in goes on by itself once a new login is stored.').waitFor();
    expect([await violations(page), complaints]).toEqual([[], []]);
    writeFileSync(join(home.home, 'tool/login.json'), ALIVE);
    await isAlive(page).waitFor();
  });

  test('names the session in its title if another one has the same name', async () => {
    const home = temporaryHome({ 'tool/login.json': DEAD, 'work/login.json': ALIVE });
    const plugins = ['tool', 'work'].map(id => [TOOL, { id, folder: join(home, id) }]);
    writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins: [...plugins, 'ui-web'] }));
    const { page } = await opened({ home, daemon: await started(home) });
    await fromNotice(page).tap();
    await page.getByRole('dialog', { name: /^Sign in to Vendor Tool \(tool\) on / }).waitFor();
    await button(page, 'Show the code').tap();
    await button(page, 'Copy the address').waitFor();
    approve(home);
    const end = page.getByRole('status').filter({ hasText: 'Signed in.' });
    await expect.poll(() => end.innerText()).toContain('Vendor Tool (tool) is alive.');
  });

  test('of a session that is alive is offered in its details only', async () => {
    const { page } = await opened(await needsLogin());
    expect(await page.getByRole('button', { name: 'Sign in again' }).count()).toBe(0);
    const alive = await opened(await configured(ALIVE, 'alive'));
    await alive.page.getByRole('button', { name: 'Sign in again to Vendor Tool' }).tap();
    await button(alive.page, 'Show the code').waitFor();
    expect(await alive.page.getByRole('button', { name: 'Sign in to' }).count()).toBe(0);
  });

  test('is not offered for a session that has none, such as a deadline', async () => {
    const home = temporaryHome({ 'tool/login.json': ALIVE });
    const end = new Date(Date.now() + 86_400_000).toISOString();
    const plugins = [[TOOL, { folder: join(home, 'tool') }], ['deadline', { id: 'token', expiresAt: end }], 'ui-web'];
    writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins }));
    const daemon = await started(home, 'alive');
    await untilSession(daemon, 'token', ({ state }) => state.name === 'alive');
    const { page } = await opened({ daemon, home });
    for (const name of ['Vendor Tool', 'token']) await page.getByRole('button', { name, exact: true }).tap();
    await page.locator('#panel-token').getByText('plugin deadline').waitFor();
    const offered = page.getByRole('button', { name: /^Sign in/ });
    await expect.poll(() => offered.allTextContents()).toEqual(['Sign in again to Vendor Tool']);
    await expect(daemon.client.request('login/start', { id: 'token' })).rejects.toMatchObject({
      code: 'KA_LOGIN_UNSUPPORTED',
    });
  });

  test('goes on without a press when a lost connection is back', async () => {
    const home = await needsLogin();
    const { page, disconnect } = await opened(home);
    await fromNotice(page).tap();
    await button(page, 'Show the code').tap();
    await dialogOf(page).getByText('CANA-RY12').waitFor();
    await disconnect();
    approve(home.home);
    await isAlive(page).waitFor();
    expect(await dialogOf(page).count()).toBe(0);
  });

  test('that ended with its daemon does not begin again by itself', async () => {
    const home = await needsLogin();
    const { page } = await opened(home);
    await fromNotice(page).tap();
    await button(page, 'Show the code').tap();
    await dialogOf(page).getByText('CANA-RY12').waitFor();
    home.daemon.child.kill('SIGKILL');
    await home.daemon.done;
    await dialogOf(page).getByText('Keepalive does not answer.').waitFor();
    await started(home.home);
    await dialogOf(page).getByText('The sign-in ended while this page was not connected.').waitFor();
    expect(store(home.home)).toBe(DEAD);
  });

  test('that ended with its daemon does not begin again when its session is there later', async () => {
    const home = await needsLogin();
    const { page } = await opened(home);
    await fromNotice(page).tap();
    await button(page, 'Show the code').tap();
    await dialogOf(page).getByText('CANA-RY12').waitFor();
    home.daemon.child.kill('SIGKILL');
    await home.daemon.done;
    await dialogOf(page).getByText('Keepalive does not answer.').waitFor();
    const late = join(home.home, 'tool/late');
    writeFileSync(late, '');
    const { client } = await launched(home.home);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await client.request('session/list')).toEqual([]);
    await dialogOf(page).getByText('The sign-in ended while this page was not connected.').waitFor();
    rmSync(late);
    await fromNotice(page).waitFor();
    await dialogOf(page).getByText('The sign-in ended while this page was not connected.').waitFor();
    expect(store(home.home)).toBe(DEAD);
  });

  test('opens after a restart too, when the page has to be loaded again first', async () => {
    const home = await needsLogin();
    const { page } = await opened(home);
    home.daemon.child.kill('SIGKILL');
    await home.daemon.done;
    await page.getByText('Connection lost').waitFor();
    await started(home.home);
    await page.getByText('Live', { exact: true }).waitFor();
    await fromNotice(page).tap();
    // Its button was pressed before the reload, which starts nothing.
    await button(page, 'Sign in').tap();
    await button(page, 'Show the code').waitFor();
    expect(new URL(page.url()).hash).toBe('#sign-in=tool');
  });

  test.each([
    ['dark', { colorScheme: 'dark' }],
    ['in forced colours', { forcedColors: 'active' }],
    ['without motion', { reducedMotion: 'reduce' }],
    ['on a narrow phone', { viewport: { width: 320, height: 568 } }],
  ] as const)('is accessible and fits %s', async (_how, options) => {
    const { page, complaints } = await opened(await needsLogin(), options);
    await fromNotice(page).click();
    await button(page, 'Show the code').click();
    // On a phone it is folded.
    if ('viewport' in options) await dialogOf(page).getByText('QR code for another device').click();
    await dialogOf(page).getByRole('img', { name: 'QR code of the address' }).waitFor();
    const overflow = await dialogOf(page).evaluate(element => element.scrollWidth - element.clientWidth);
    expect([await violations(page), overflow, complaints]).toEqual([[], 0, []]);
  });
});
