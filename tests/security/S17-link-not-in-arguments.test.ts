import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LinkFiles } from '../../sdk/system/link-files.ts';
import { describeInBrowser } from '../e2e/page/shared-browser.ts';
import { answeringFiles } from '../e2e/page/opened.ts';
import { KEEPALIVE, PLUGIN, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { rawClient } from '../support/daemon/raw-client.ts';
import { listen } from '../support/daemon/listen.ts';
import { pageServer } from '../support/daemon/page-listener.ts';

const ORIGIN = 'http://127.0.0.1:4711';
const linkFilesIn = (folder: string) => readdirSync(folder).filter(name => name.startsWith('keepalive-ui-'));
const FORM_HEADERS = {
  'content-type': 'application/x-www-form-urlencoded',
  origin: 'null',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-dest': 'document',
};
const formOf = (code: string) => ({
  headers: { ...FORM_HEADERS, 'content-length': String(code.length + 5) },
  body: `code=${code}`,
});

describe.skipIf(process.platform !== 'linux')('S17: `keepalive ui`', () => {
  test('gives the opener a file and no part of the link, and removes the file when the page is open', async () => {
    const opener = `#!/bin/sh
printf '%s\\n' "$0" "$@" > "$HOME/argv"
stat -c %a "$1" > "$HOME/mode"
cp "$1" "$HOME/copy"
`;
    const home = temporaryHome({ 'keepalive.config.json': '{"plugins":["ui-web"]}', 'bin/xdg-open': opener });
    chmodSync(join(home, 'bin/xdg-open'), 0o755);
    const { client } = await startDaemon(home);
    const { code } = await run(KEEPALIVE, ['ui'], home, {
      PATH: `${join(home, 'bin')}:${process.env['PATH']}`,
      DISPLAY: ':0',
    });
    const [file = ''] = linkFilesIn(home).map(name => join(home, name));
    const [, secret = ''] = /name="code" value="([\w-]{43})"/.exec(readFileSync(join(home, 'copy'), 'utf8')) ?? [];
    const argv = readFileSync(join(home, 'argv'), 'utf8').trim().split('\n');
    expect([code, secret.length, argv, readFileSync(join(home, 'mode'), 'utf8')]).toEqual([
      0,
      43,
      [join(home, 'bin/xdg-open'), file],
      '600\n',
    ]);
    const { origin = '' } = client;
    const { ask } = rawClient(Number(new URL(origin).port));
    expect(await ask({ path: '/open/', method: 'POST', ...formOf(secret) })).toEqual([
      200,
      expect.stringContaining('url=/page/'),
    ]);
    await expect.poll(() => existsSync(file)).toBe(false);
    expect((await client.request('kernel/info')).pages).toMatchObject([{ connections: 0 }]);
  });
});

describe('S17: the file', () => {
  test('is private, in the home, and removed after a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const home = temporaryHome();
    const file = await new LinkFiles('/nowhere', home).write(ORIGIN, 'CODE');
    expect([file.startsWith(`${home}/keepalive-ui-`), statSync(file).mode & 0o777]).toEqual([true, 0o600]);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => expect(existsSync(file)).toBe(false), 15_000);
  });

  test.skipIf(process.platform === 'win32')('is in our own folder if others may write to the home', async () => {
    const [home, stateDir] = [temporaryHome(), temporaryHome()];
    chmodSync(home, 0o777);
    const files = new LinkFiles(stateDir, home);
    expect((await files.write(ORIGIN, 'CODE')).startsWith(`${stateDir}/`)).toBe(true);
    await files.removeAll();
    chmodSync(stateDir, 0o777);
    await expect(files.write(ORIGIN, 'CODE')).rejects.toMatchObject({ code: 'KA_HOME_UNUSABLE' });
  });

  test('is removed when the kernel stops, or by the next kernel after a crash', async () => {
    const crashed = `keepalive-ui-${randomUUID()}.html`;
    // Not one of our names, so it is the user's own file.
    const own = 'keepalive-ui-ideas.html';
    const home = temporaryHome({ [crashed]: '', [own]: '', 'keepalive-ui-new.html': '', 'my.html': '' });
    for (const name of [crashed, own, 'my.html']) utimesSync(join(home, name), 1, 1);
    const files = new LinkFiles('/nowhere', home);
    await files.write(ORIGIN, 'CODE');
    expect([linkFilesIn(home).length, readdirSync(home)]).toEqual([
      3,
      expect.arrayContaining(['keepalive-ui-new.html', 'my.html']),
    ]);
    await files.removeAll();
    expect(linkFilesIn(home).toSorted()).toEqual([own, 'keepalive-ui-new.html']);
  });
});

describe('S17: the form', () => {
  test.each([['null'], ['file://'], [undefined], ['own']])(
    'lets a browser in from a page with the origin %s',
    async origin => {
      const door = await pageServer();
      const code = door.link().slice('/open/'.length);
      const {
        headers: { origin: _null, ...headers },
        body,
      } = formOf(code);
      const shown = origin === undefined ? {} : { origin: origin === 'own' ? door.origin : origin };
      const answer = await door.get('/open/', { ...headers, ...shown }, 'POST', body);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([
        200,
        [
          expect.stringMatching(
            /^keepalive=[\w-]{43}; Path=\/page\/[\w-]{43}\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
          ),
        ],
      ]);
      const [, path = ''] = /url=([^"]+)"/.exec(answer.body) ?? [];
      const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      expect((await door.get(path, { cookie })).status).toBe(200);
    },
  );

  test.each<[string, (code: string) => { headers?: Record<string, string>; body?: string; path?: string }, number]>([
    ['from a foreign page', () => ({ headers: { origin: 'http://evil.test' } }), 403],
    ['from another port', () => ({ headers: { origin: 'http://127.0.0.1:1' } }), 403],
    ['by another name', () => ({ headers: { host: 'evil.test' } }), 403],
    ['in a frame', () => ({ headers: { 'sec-fetch-dest': 'iframe' } }), 403],
    ['by a script', () => ({ headers: { 'sec-fetch-dest': 'empty' } }), 403],
    ['without an origin, to another path', code => ({ path: `/open/${code}` }), 403],
    ['without an origin, to the API', () => ({ path: '/rpc' }), 403],
    ['with another code', () => formOf('A'.repeat(43)), 401],
    ['with an empty body', () => ({ body: '', headers: { 'content-length': '0' } }), 401],
    ['with more than a code', code => formOf(`${code}&a=b`), 401],
    ['with a very long body', code => formOf(code + 'x'.repeat(100_000)), 401],
    ['without a length', () => ({ headers: { 'content-length': '', 'transfer-encoding': 'chunked' } }), 401],
  ])('%s is refused, and the code works afterwards', async (_what, change, status) => {
    const door = await pageServer();
    const code = door.link().slice('/open/'.length);
    const { headers = {}, body, path = '/open/' } = change(code);
    const good = formOf(code);
    const sent = Object.fromEntries(
      Object.entries({ ...good.headers, ...headers }).filter(([, value]) => value !== ''),
    );
    const refused = await door.get(path, sent, 'POST', body ?? good.body);
    expect([refused.status, refused.headers['set-cookie']]).toEqual([status, undefined]);
    expect((await door.get('/open/', good.headers, 'POST', good.body)).status).toBe(200);
    expect(door.reused).toEqual([]);
  });
});

describe('S17: a second use of a link', () => {
  test.each(['GET', 'POST'])('by %s is refused, closes the page of the first use, and is reported', async method => {
    const door = await pageServer();
    const link = door.link();
    const first = await door.get(link);
    const [path, cookie] = [first.headers.location ?? '', first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''];
    const { closed } = await door.stay(`${path}rpc`, { cookie, origin: door.origin });
    expect([door.pages.access.list().length, door.reused]).toEqual([1, []]);
    const { headers, body } = formOf(link.slice('/open/'.length));
    const second = method === 'GET' ? await door.get(link) : await door.get('/open/', headers, 'POST', body);
    expect([second.status, second.headers['set-cookie'], await closed]).toEqual([401, undefined, 1008]);
    expect([
      (await door.get(path, { cookie })).status,
      await door.connect(`${path}rpc`, { cookie, origin: door.origin }),
    ]).toEqual([401, 401]);
    expect([door.pages.access.list(), door.reused.length]).toEqual([[], 1]);
  });

  test('is in the log and in a notice until the pages are closed', async () => {
    const home = temporaryHome({ 'keepalive.config.json': '{"plugins":["ui-web"]}', 'mine.mjs': PLUGIN });
    const { client } = await startDaemon(home);
    const { url } = await client.request('page/open');
    for (const status of [200, 401])
      expect((await fetch(url, { redirect: 'manual' })).status === 401).toBe(status === 401);
    expect(await client.request('notice/list')).toMatchObject([
      { code: 'link-reused', level: 'warning', session: 'keepalive' },
    ]);
    expect((await run(KEEPALIVE, ['status'], home)).stdout).toContain('used twice');
    expect((await run(KEEPALIVE, ['doctor'], home)).stdout).toContain('used twice');
    expect(readFileSync(join(home, 'keepalived.log'), 'utf8')).toContain('used twice');
    expect((await run(KEEPALIVE, ['ui', '--close'], home)).stdout).toBe('No settings page was open.\n');
    expect(await client.request('notice/list')).toEqual([]);
  });
});

describe('S17: an opened page', () => {
  const HOUR = 3_600_000;

  test('ends after 12 hours without a request, and not before', async () => {
    const door = await pageServer();
    const [used, idle] = [await door.enter(), await door.enter()];
    const { closed } = await door.stay(`${idle.path}rpc`, { cookie: idle.cookie, origin: door.origin });
    door.turn(11 * HOUR);
    expect((await door.get(used.path, { cookie: used.cookie })).status).toBe(200);
    door.turn(HOUR + 1);
    expect(door.pages.access.list()).toMatchObject([{ connections: 0 }]);
    expect([await closed, (await door.get(idle.path, { cookie: idle.cookie })).status]).toEqual([1008, 401]);
    expect((await door.get(used.path, { cookie: used.cookie })).status).toBe(200);
  });

  test('is in use while its connection sends requests', async () => {
    const door = await pageServer();
    const { path, cookie } = await door.enter();
    const { say } = await door.stay(`${path}rpc`, { cookie, origin: door.origin });
    door.turn(11 * HOUR);
    say('{}');
    await expect.poll(() => door.pages.access.list()[0]?.seenAt).toBe(1_000_000 + 11 * HOUR);
    door.turn(11 * HOUR);
    expect(door.pages.access.list()).toHaveLength(1);
  });

  test('is counted by doctor and closed by `ui --close`', async () => {
    const home = temporaryHome({ 'keepalive.config.json': '{"plugins":["ui-web"]}' });
    const { client } = await startDaemon(home);
    await fetch((await client.request('page/open')).url, { redirect: 'manual' });
    expect(await client.request('doctor/run')).toContainEqual({
      level: 'info',
      subject: 'page',
      message: '1 settings page is open',
      action: 'keepalive ui --close',
    });
    expect((await run(KEEPALIVE, ['ui', '--close'], home)).stdout).toBe('Closed 1 settings page.\n');
    expect((await client.request('kernel/info')).pages).toEqual([]);
  });
});

describeInBrowser('S17: in a real browser', answeringFiles([{ id: 'acme', displayName: 'Acme' }]), shared => {
  test('the file opens the page, leaves no history entry, and is removed', async () => {
    const { file = '' } = await shared.daemon.client.request('page/open', { file: true });
    const context = await shared.browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', message => {
      // A fast browser may request the icon of the intermediate page.
      if (['error', 'warning'].includes(message.type()) && !message.location().url.endsWith('/favicon.ico'))
        complaints.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(`file://${file}`);
    await page.getByText('Live', { exact: true }).waitFor();
    expect([new URL(page.url()).pathname.startsWith('/page/'), existsSync(file), complaints]).toEqual([
      true,
      false,
      [],
    ]);
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate('history.length')).toBeLessThanOrEqual(2);
    await page.goBack();
    expect(page.url()).not.toContain('keepalive-ui');
    expect(await shared.daemon.client.request('notice/list')).toEqual([]);
  });

  test('a foreign page that knows the code cannot use it, and one without an origin cannot guess it', async () => {
    const { url, file = '' } = await shared.daemon.client.request('page/open', { file: true });
    const [origin, code] = [new URL(url).origin, url.split('/').at(-1) ?? ''];
    const formWith = (value: string) =>
      `<!doctype html><form method="post" action="${origin}/open/"><input name="code" value="${value}"></form>` +
      '<script>document.forms[0].submit()</script>';
    const stranger = await listen(
      createServer(({ url: path }, response) => {
        const sandboxed = path === '/guess';
        response.writeHead(200, {
          'content-type': 'text/html',
          ...(sandboxed && { 'content-security-policy': 'sandbox allow-scripts allow-forms' }),
        });
        response.end(formWith(sandboxed ? 'A'.repeat(43) : code));
      }),
    );
    const context = await shared.browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const statusAfter = async (path: string) => {
      const answered = page.waitForResponse(`${origin}/open/`);
      await page.goto(`${stranger}${path}`);
      return (await answered).status();
    };
    expect([await statusAfter('/knows'), await statusAfter('/guess')]).toEqual([403, 401]);
    expect(await context.cookies()).toEqual([]);
    // The user's own browser can use the code afterwards.
    await page.goto(`file://${file}`);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test('a page says that it has ended after it was closed', async () => {
    const context = await shared.browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto((await shared.daemon.client.request('page/open')).url);
    await page.getByText('Live', { exact: true }).waitFor();
    await shared.daemon.client.request('page/close');
    await page.getByText('keepalive ui').first().waitFor();
    expect((await page.reload())?.status()).toBe(401);
  });
});
