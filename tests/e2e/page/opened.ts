import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startDaemon, temporaryHome, type Daemon } from '../../support/daemon.ts';

const ANSWERING = fileURLToPath(new URL('../../support/answering.ts', import.meta.url));

export type Answering = { readonly id: string; readonly displayName: string; readonly [option: string]: unknown };

/** A home whose sessions answer what they are told to, and whose daemon shows the page. */
export function answeringHome(sessions: readonly Answering[], more: object = {}, files: Readonly<Record<string, string>> = {}): string {
  const plugins = [...sessions.map(options => ['./answering.ts', options]), 'ui-web'];
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins, policy: { minInterval: '1s' }, ...more }), ...files });
  copyFileSync(ANSWERING, join(home, 'answering.ts'));
  return home;
}

export type Opened = { readonly daemon: Daemon; readonly page: Page; readonly complaints: readonly string[] };

/** The page of a daemon, in a browser of its own. Complaints are what the browser's console said, violations of its policy among them. */
export async function openPage(browser: Browser, home: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const daemon = await startDaemon(home);
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
  page.on('pageerror', error => void complaints.push(String(error)));
  await page.goto((await daemon.client.request('page/open')).url);
  await page.getByText('Live', { exact: true }).waitFor();
  return { daemon, page, complaints };
}
