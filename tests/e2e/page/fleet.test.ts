import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { FleetMachine, LoginState, StartedLogin } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { FAILING, LOGIN, session, type Answers, type FakeKernel } from '../../plugins/ui-cli/fake-kernel.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';
import { startPostgres } from '../../support/fleet/postgres.ts';
import { oauthEntry, startMachine, writeTokens } from '../../support/fleet/scene.ts';
import { notice } from '../../support/notice.ts';
import { rotatingServer } from '../../support/vendors/token-server.ts';
import { violations } from './accessible.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { fakeKernel, visitFake } from './fake-daemon.ts';
import { enter } from './opened.ts';

const MINUTE = 60_000;
const NOW = Date.now();
const BOTH = ['refresh', 'login'];

const alive = (id: string, displayName: string): Session =>
  session(
    id,
    { name: 'alive', wakeAt: NOW + 28 * MINUTE, wakeWhy: 'every 30 minutes' },
    { displayName, expiresAt: NOW + 300 * MINUTE },
  );
const OWN = alive('claude', 'Claude Code');

const machine = (name: string, sessions: readonly Session[], more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: name,
  version: '1.0.0',
  seenAt: NOW - 20_000,
  accepts: [],
  sessions: [...sessions],
  notices: [],
  ...more,
});

const CODEX = session('codex', LOGIN, { displayName: 'Codex', signIn: 'again' });
const FLEET: readonly FleetMachine[] = [
  machine('attic', [alive('gemini', 'Gemini CLI')], { isSilent: true, seenAt: NOW - 300 * MINUTE, accepts: BOTH }),
  machine('box', [alive('claude', 'Claude Code'), CODEX], {
    accepts: BOTH,
    notices: [notice({ raisedAt: NOW - 5 * MINUTE })],
  }),
  machine('ci-runner', [session('acme', FAILING, { displayName: 'Acme' })]),
  machine('laptop', [OWN], { isHere: true, accepts: BOTH }),
];

const STARTED: StartedLogin = {
  login: 'one',
  session: 'codex',
  steps: ['code'],
  machine: 'box',
  hosts: ['vendor.example'],
  endsAt: NOW + 10 * MINUTE,
};

/** A machine as large as the largest of a fleet. */
const crowd = (name: string, count: number): FleetMachine =>
  machine(
    name,
    Array.from({ length: count }, (_, index) => alive(`acme-${index}`, `Acme ${index}`)),
  );

describe.skipIf(NO_CHROMIUM)(`all machines on the page${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function opened(answers: Answers = {}, options: BrowserContextOptions = {}) {
    const kernel = fakeKernel([OWN], { 'fleet/list': () => FLEET, ...answers });
    const page = await visitFake(browser, kernel, options);
    return { kernel, page };
  }

  const fleetOf = (page: Page) => page.getByRole('region', { name: 'All machines' });
  const rows = (page: Page) => fleetOf(page).getByRole('article');

  const rowOf = (page: Page, name: string) => fleetOf(page).getByRole('article', { name, exact: true });
  const lineOf = (page: Page, name: string) => fleetOf(page).getByRole('listitem', { name, exact: true });
  const listed = (kernel: FakeKernel) => kernel.asked.filter(([method]) => method === 'fleet/list').length;

  test.each<[string, BrowserContextOptions]>([
    ['wide', { viewport: { width: 1280, height: 900 } }],
    ['dark, on a small phone', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
    ['in forced colours, on a phone', { viewport: { width: 390, height: 844 }, forcedColors: 'active' }],
  ])('%s: is accessible and fits', async (_how, options) => {
    const { page } = await opened({}, { ...options, reducedMotion: 'reduce' });
    await rows(page).first().waitFor();
    expect(await violations(page)).toEqual([]);
    const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await page.evaluate(sideways)).toBe(0);
  });

  test('the worst machine comes first, and buttons are where that machine accepts them', async () => {
    const { page } = await opened();
    await page.getByRole('link', { name: 'All machines' }).waitFor();
    await fleetOf(page).getByText('1 of 4 machines needs you, 1 silent.').waitFor();
    expect(await rows(page).getByRole('heading').allInnerTexts()).toEqual(['box', 'ci-runner', 'attic', 'laptop']);
    const buttons = async (name: string) =>
      (await lineOf(page, name).getByRole('button').allTextContents()).map(text => text.trim());
    expect(await buttons('Codex on box')).toEqual(['Sign in to Codex', 'Refresh now Codex', 'Copy']);
    expect(await buttons('Claude Code on box')).toEqual(['Refresh now Claude Code']);
    expect(await Promise.all(['Acme on ci-runner', 'Gemini CLI on attic'].map(buttons))).toEqual([[], []]);
    await rowOf(page, 'attic')
      .getByText(/Silent, last heard 5 h (\d+ min )?ago/)
      .waitFor();
    await rowOf(page, 'box').getByText('Codex needs a login').waitFor();
    await rowOf(page, 'box').getByRole('button', { name: 'box', exact: true }).press('Enter');
    await rowOf(page, 'box').getByText('Codex: login required').waitFor();
    expect(await lineOf(page, 'Codex on box').count()).toBe(0);
  });

  test('appears with the fleet, and keeps what was known while the database is not reached', async () => {
    const answer: { machines: readonly FleetMachine[]; isDown: boolean } = { machines: [], isDown: false };
    const { kernel, page } = await opened({
      'fleet/list'() {
        if (answer.isDown) throw new KeepaliveError('KA_FLEET_UNREACHABLE', { reason: 'the database is read-only' });
        return answer.machines;
      },
    });
    await expect.poll(() => listed(kernel)).toBe(1);
    expect(await page.getByText('All machines').count()).toBe(0);
    answer.machines = FLEET;
    for (let n = 0; n < 100; n += 1) kernel.notify('fleet/didChange', {});
    await rowOf(page, 'box').waitFor();
    expect(listed(kernel)).toBe(2);
    answer.isDown = true;
    kernel.notify('fleet/didChange', {});
    await fleetOf(page)
      .getByText('The database of the fleet is not reached: the database is read-only. This is what was known before.')
      .waitFor();
    expect(await rows(page).count()).toBe(4);
    Object.assign(answer, { machines: [], isDown: false });
    kernel.notify('fleet/didChange', {});
    await fleetOf(page).waitFor({ state: 'detached' });
  });

  test('a sign-in on another machine is started and answered there', async () => {
    const { kernel, page } = await opened({ 'fleet/login': () => STARTED, 'login/answer': () => null });
    const tell = (state: LoginState) => kernel.notify('login/didChange', { login: 'one', session: 'codex', state });
    await lineOf(page, 'Codex on box').getByRole('button', { name: 'Sign in' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in to Codex on box', exact: true });
    await dialog.getByText('vendor.example', { exact: true }).waitFor();
    tell({ name: 'code', url: 'https://vendor.example/sign-in' });
    await dialog.getByRole('button', { name: 'Show the address' }).click();
    await dialog.getByLabel('Code from vendor.example').fill('good');
    await page.keyboard.press('Enter');
    await expect.poll(() => kernel.asked.at(-1)).toEqual(['login/answer', { login: 'one', text: 'good' }]);
    expect(kernel.asked).toContainEqual(['fleet/login', { machine: 'box', id: 'codex', device: true }]);
    tell({ name: 'done' });
    await page.getByText('Signed in. Codex on box is alive.').waitFor();
    expect(await dialog.count()).toBe(0);
  });

  test('of many machines, each is one line until it is opened', async () => {
    const machines = Array.from({ length: 50 }, (_, index) => crowd(`runner-${index}`, 200));
    const { page } = await opened({ 'fleet/list': () => machines });
    await expect.poll(() => rows(page).count()).toBe(50);
    expect(await fleetOf(page).getByRole('listitem').count()).toBe(50);
    await rowOf(page, 'runner-7').getByRole('button').click();
    await expect.poll(() => fleetOf(page).getByRole('listitem').count()).toBe(100);
    await rowOf(page, 'runner-7').getByRole('button', { name: 'Show all 200 sessions' }).click();
    await expect.poll(() => fleetOf(page).getByRole('listitem').count()).toBe(250);
  });

  test('a session of another daemon is seen, and refreshed there', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const [url, vendor] = await Promise.all([server.database(), rotatingServer()]);
    const file = join(temporaryHome(), 'login.json');
    writeTokens(file, 'refresh-0', Math.floor(Date.now() / 1_000) + 3_600);
    const plugins = [oauthEntry('own', file, vendor.url)];
    const [laptop] = await Promise.all([
      startMachine({ url, machine: 'laptop' }),
      startMachine({ url, machine: 'box', accept: ['refresh'], plugins }),
    ]);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const { page, complaints } = await enter(context, laptop.client);
    const line = fleetOf(page).getByRole('listitem', { name: /on box$/ });
    await line.getByRole('button', { name: 'Refresh now' }).click();
    await line.getByRole('button', { name: 'Renew now' }).click();
    await line.getByRole('status').filter({ hasText: 'Renewed.' }).waitFor();
    expect([vendor.received.map(({ token }) => token), complaints]).toEqual([['refresh-0'], []]);
  });
});
