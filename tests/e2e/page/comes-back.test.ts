import { createServer } from 'node:http';
import { once } from 'node:events';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon, temporaryHome, type Daemon } from '../../support/daemon/daemon.ts';
import { endpointOf } from '../../support/daemon/raw-client.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { answeringFiles, enter } from './opened.ts';

const FILES = answeringFiles([{ id: 'acme', displayName: 'Acme' }]);

const portOf = async (daemon: Daemon): Promise<number> => Number(new URL((await endpointOf(daemon)).url).port);

async function opened(): Promise<{ home: string; daemon: Daemon; context: BrowserContext; page: Page }> {
  const home = temporaryHome(FILES);
  const [browser, daemon] = await Promise.all([launchChromium(), startDaemon(home)]);
  onTestFinished(() => browser.close());
  const context = await browser.newContext();
  return { home, daemon, context, page: (await enter(context, daemon.client)).page };
}

async function kill({ child, done }: Daemon): Promise<void> {
  child.kill('SIGKILL');
  await done;
}

const isLive = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
const isLost = (page: Page) => page.getByRole('alert').filter({ hasText: 'Keepalive is not running' }).waitFor();

/** A program that has the daemon's port, and what it was sent. */
async function stranger(port: number) {
  const sent: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    sent.push(`${url} ${JSON.stringify(headers)}`);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hello');
  });
  server.on('upgrade', ({ url, headers }, socket) => {
    sent.push(`${url} ${JSON.stringify(headers)}`);
    socket.destroy();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  };
  onTestFinished(stop);
  return { sent, stop };
}

describe.skipIf(NO_CHROMIUM)(`after a restart${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)('by %s an open page is live again without a reload', async signal => {
    const { home, daemon, page } = await opened();
    const before = await portOf(daemon);
    await page.evaluate("document.body.dataset.mark = 'same'");
    daemon.child.kill(signal);
    await daemon.done;
    await isLost(page);
    expect(await page.getByText('keepalive start').isVisible()).toBe(true);
    const second = await startDaemon(home);
    await isLive(page);
    const { pid } = await second.client.request('kernel/info');
    await page.getByText(`process ${pid}`).waitFor();
    expect([await portOf(second), await page.evaluate('document.body.dataset.mark')]).toEqual([before, 'same']);
  });

  test('the tab can be reloaded and a bookmark works, also once more', async () => {
    const { home, daemon, context, page } = await opened();
    const bookmark = page.url();
    const [first] = await context.cookies();
    await kill(daemon);
    const second = await startDaemon(home);
    await page.reload();
    await isLive(page);
    const [renewed] = await context.cookies();
    expect([renewed?.path, renewed?.value === first?.value]).toEqual([first?.path, false]);
    const another = await context.newPage();
    await another.goto(bookmark);
    await isLive(another);
    const values = (await context.cookies()).map(({ value }) => value);
    expect([values, await second.client.request('notice/list')]).toEqual([[renewed?.value], []]);
  });

  test('two open tabs come back, and both can be reloaded at the same time', async () => {
    const { home, daemon, context, page } = await opened();
    const other = await context.newPage();
    await other.goto(page.url());
    await isLive(other);
    await kill(daemon);
    const second = await startDaemon(home);
    await Promise.all([page.reload(), other.reload()]);
    await Promise.all([isLive(page), isLive(other)]);
    expect(await second.client.request('notice/list')).toEqual([]);
  });

  test('an open page gives another program on its port neither its cookie nor its address', async () => {
    const { home, daemon, context, page } = await opened();
    const port = await portOf(daemon);
    const [cookie] = await context.cookies();
    await kill(daemon);
    const thief = await stranger(port);
    await page.getByRole('alert').filter({ hasText: 'is not the Keepalive that this page belongs to' }).waitFor();
    expect(await page.getByText('keepalive ui').isVisible()).toBe(true);
    await expect.poll(() => thief.sent.length).toBeGreaterThan(1);
    const received = thief.sent.join('\n');
    expect([received.includes(cookie?.value ?? '?'), received.includes(cookie?.path ?? '?')]).toEqual([false, false]);
    expect(received).not.toContain('/page/');
    // The port is free again before the daemon starts, so the page comes back.
    await thief.stop();
    await startDaemon(home);
    await isLive(page);
  });

  test('a page whose address has changed says how to open it', async () => {
    const { home, daemon, page } = await opened();
    const port = await portOf(daemon);
    await kill(daemon);
    await stranger(port);
    const second = await startDaemon(home);
    expect([(await portOf(second)) === port, await second.client.request('notice/list')]).toEqual([false, []]);
    await page.getByRole('alert').filter({ hasText: 'keepalive ui' }).waitFor();
    expect((await second.client.request('kernel/info')).pages).toEqual([]);
  });
});
