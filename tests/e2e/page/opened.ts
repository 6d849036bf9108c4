import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';

const ANSWERING = readFileSync(fileURLToPath(new URL('../../support/answering.ts', import.meta.url)), 'utf8');

export type Answering = { readonly id: string; readonly displayName: string; readonly [option: string]: unknown };

/** The files of a home whose sessions have fixed answers and whose daemon serves the page. */
export const answeringFiles = (
  sessions: readonly Answering[],
  more: object = {},
): Readonly<Record<string, string>> => ({
  'keepalive.config.json': JSON.stringify({
    plugins: [...sessions.map(options => ['./answering.ts', options]), 'ui-web'],
    policy: { minInterval: '100ms' },
    ...more,
  }),
  'answering.ts': ANSWERING,
});

export type Visit = { readonly page: Page; readonly complaints: readonly string[] };

/** Opens the page of a daemon in a new browser profile that is closed when the test ends. */
export async function visit(
  browser: Browser,
  client: KeepaliveClient,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  return enter(context, client);
}

/** Opens the page of a daemon. Complaints are the errors and warnings of the browser's console. */
export async function enter(context: BrowserContext, client: KeepaliveClient): Promise<Visit> {
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on(
    'console',
    message => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())),
  );
  page.on('pageerror', error => void complaints.push(String(error)));
  await page.goto((await client.request('page/open')).url);
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, complaints };
}
