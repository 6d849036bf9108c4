import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../runtime/log/log.ts';
import { openKeptPages } from '../../server/kept-pages.ts';
import { run, KEEPALIVE, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { CAN_ACT, OTHER_USER, WHY_NOT } from '../support/daemon/other-user.ts';
import { PAGE_FILES, pageServer, type Answer } from '../support/daemon/page-listener.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = 1_000_000;

type Own = { readonly path: string; readonly cookie: string };
type Door = Awaited<ReturnType<typeof pageServer>>;

/** A daemon's page server that keeps its pages in this file, and can be restarted. */
async function restartable(file = join(temporaryHome(), 'pages.json')) {
  const begin = async (preferred?: number, at = START): Promise<Door> => {
    const kept = await openKeptPages(file, silentLog());
    return pageServer(async () => PAGE_FILES, { kept, preferred: preferred ?? kept.port, at });
  };
  const end = async (door: Door) => {
    await door.stop();
    await door.pages.stop();
  };
  const restart = async (door: Door, preferred?: number, at?: number): Promise<Door> => {
    await end(door);
    return begin(preferred, at);
  };
  return { file, begin, end, restart };
}

const load = ({ get }: Door, { path, cookie }: Own) => get(path, { cookie, 'sec-fetch-dest': 'document' });
const cookieIn = ({ headers }: Answer) => headers['set-cookie']?.[0]?.split(';')[0];

describe('S19: the cookie of a page that outlived the daemon', () => {
  test('is good for one load of the page, which replaces it, and for nothing else', async () => {
    const { begin, restart } = await restartable();
    const first = await begin();
    const own = await first.enter();
    const second = await restart(first);
    expect(second.port).toBe(first.port);
    const { origin } = second;
    const others = [`${own.path}a/b.js`, `${own.path}key`].map(path => second.get(path, { cookie: own.cookie }));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([401, 401]);
    for (const path of [`${own.path}rpc`, '/rpc'])
      expect(await second.connect(path, { cookie: own.cookie, origin })).toBe(401);
    const loaded = await load(second, own);
    const cookie = cookieIn(loaded) ?? '';
    expect([loaded.status, cookie === own.cookie]).toEqual([200, false]);
    expect((await second.get(`${own.path}a/b.js`, { cookie })).status).toBe(200);
    expect(await second.connect(`${own.path}rpc`, { cookie, origin })).toBe(101);
    expect(cookieIn(await load(second, { ...own, cookie }))).toBe(cookie);
  });

  test('closes the page and is reported if it is used after it was replaced', async () => {
    const { begin, restart } = await restartable();
    const first = await begin();
    const own = await first.enter();
    const second = await restart(first);
    const cookie = cookieIn(await load(second, own)) ?? '';
    const { closed } = await second.stay(`${own.path}rpc`, { cookie, origin: second.origin });
    // The same browser may ask again before it has the new cookie.
    expect([cookieIn(await load(second, own)), second.reused]).toEqual([cookie, []]);
    second.turn(30_001);
    expect([(await load(second, own)).status, await closed, second.reused.length]).toEqual([401, 1008, 1]);
    expect((await load(second, { ...own, cookie })).status).toBe(401);
  });

  test('is still recognized as replaced after another restart', async () => {
    const { begin, restart } = await restartable();
    const first = await begin();
    const own = await first.enter();
    const second = await restart(first);
    const cookie = cookieIn(await load(second, own)) ?? '';
    const third = await restart(second);
    expect([(await load(third, own)).status, third.reused.length]).toEqual([401, 1]);
    expect((await load(third, { ...own, cookie })).status).toBe(401);
  });

  test('is worthless at another port, also when the daemon is back at the first one', async () => {
    const { begin, end, restart } = await restartable();
    const first = await begin();
    const own = await first.enter();
    const blocker = createServer();
    await end(first);
    blocker.listen(first.port, '127.0.0.1');
    await once(blocker, 'listening');
    const second = await begin();
    expect([second.port === first.port, (await load(second, own)).status]).toEqual([false, 401]);
    await new Promise(resolve => blocker.close(resolve));
    const third = await restart(second, first.port);
    expect([third.port, (await load(third, own)).status]).toEqual([first.port, 401]);
  });

  test.each([
    ['12 idle hours, in which no daemon ran', 12 * HOUR + 1],
    ['30 days', 30 * DAY + 1],
  ])('ends after %s', async (_what, ms) => {
    const { begin, restart } = await restartable();
    const first = await begin();
    const own = await first.enter();
    const second = await restart(first, undefined, START + ms);
    expect((await load(second, own)).status).toBe(401);
    expect(second.pages.access.list()).toEqual([]);
  });

  test('ends after 30 days, however much the page is used', async () => {
    const { begin } = await restartable();
    const door = await begin();
    const own = await door.enter();
    for (let day = 0; day < 60; day += 1) {
      door.turn(DAY / 2);
      expect((await load(door, own)).status).toBe(200);
    }
    door.turn(1);
    expect((await load(door, own)).status).toBe(401);
  });

  test.skipIf(!CAN_ACT || process.platform !== 'linux')(
    `is refused to a process of another user${WHY_NOT}`,
    async () => {
      const { begin } = await restartable();
      const door = await begin();
      const { path, cookie } = await door.enter();
      const program = `
      const socket = require('node:net').connect(${door.port}, '127.0.0.1');
      socket.end = () => socket;
      socket.write('GET ${path} HTTP/1.1\\r\\nHost: 127.0.0.1:${door.port}\\r\\nCookie: ${cookie}\\r\\n\\r\\n');
      socket.once('data', data => { console.log(String(data).split(' ')[1]); process.exit(); });
    `;
      const statusFor = (uid: number) => {
        const child = spawn(process.execPath, ['-e', program], { uid, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
        onTestFinished(() => void child.kill('SIGKILL'));
        return text(child.stdout);
      };
      expect([await statusFor(OTHER_USER), await statusFor(0)]).toEqual(['401\n', '200\n']);
    },
  );
});

describe('S19: an open page and its daemon recognize each other after a restart', () => {
  /** What a page does with its key. */
  async function prove(door: Door, { id, key }: { id: string; key: string }, port = door.port) {
    const nonce = randomBytes(32).toString('base64url');
    const { body } = await door.get(`/proof?page=${id}&nonce=${nonce}`, { 'sec-fetch-site': 'same-origin' });
    const [serverNonce = '', proof = ''] = body.split('.');
    const sign = (side: string) =>
      createHmac('sha256', key)
        .update(`keepalive.v1 ${side} 127.0.0.1:${port} ${nonce} ${serverNonce}`)
        .digest('base64url');
    return { isDaemon: proof === sign('server'), own: `${nonce}.${serverNonce}.${sign('client')}` };
  }
  test('by a proof, which works once, from our own origin, beside the page, and without the cookie', async () => {
    const { begin, restart } = await restartable();
    const first = await begin();
    const { path, cookie } = await first.enter();
    const key = JSON.parse((await first.get(`${path}key`, { cookie })).body);
    const second = await restart(first);
    const { origin } = second;
    const { isDaemon, own } = await prove(second, key);
    expect(isDaemon).toBe(true);
    const beside = `${path}rpc`;
    const wrong: readonly (readonly [string, Record<string, string>, string])[] = [
      [beside, {}, own],
      [beside, { origin: 'http://127.0.0.1:1' }, own],
      ['/rpc', { origin }, own],
      [`/page/${'A'.repeat(43)}/rpc`, { origin }, own],
      [beside, { origin }, own.replace(/.{43}$/, 'A'.repeat(43))],
    ];
    for (const offer of wrong) expect(await second.connect(...offer)).not.toBe(101);
    expect(await second.connect(beside, { origin }, own)).toBe(101);
    expect(await second.connect(beside, { origin }, own)).toBe(401);
  });

  test('a closed page sees that it is the daemon, and is refused', async () => {
    const { begin } = await restartable();
    const door = await begin();
    const { path, cookie } = await door.enter();
    const key = JSON.parse((await door.get(`${path}key`, { cookie })).body);
    door.pages.access.closeAll();
    const { isDaemon, own } = await prove(door, key);
    expect([isDaemon, await door.connect(`${path}rpc`, { origin: door.origin }, own)]).toEqual([true, 401]);
  });

  test('the key is for the browser that is signed in alone', async () => {
    const { begin } = await restartable();
    const door = await begin();
    const { path, cookie } = await door.enter();
    const asked = [
      {},
      { cookie: `keepalive=${'A'.repeat(43)}` },
      { cookie, 'sec-fetch-site': 'same-site' },
      { cookie, origin: 'http://127.0.0.1:1' },
    ].map(headers => door.get(`${path}key`, headers));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([401, 401, 403, 403]);
  });
});

describe('S19: pages.json', () => {
  test('has no secret that opens a page, and only its owner can read it', async () => {
    const { file, begin, end } = await restartable();
    const door = await begin();
    const { path, cookie } = await door.enter();
    await end(door);
    const content = readFileSync(file, 'utf8');
    for (const secret of [path.split('/')[2] ?? '?', cookie.split('=')[1] ?? '?'])
      expect(content).not.toContain(secret);
    expect(JSON.parse(content)).toMatchObject({ version: 1, port: door.port, pages: [{ openedAt: START }] });
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each(['', '{', '{"version":1,"port":"x","key":5,"pages":[{"path":1}]}', '[]'])(
    'that is damaged (%s) is set aside, and its pages are closed',
    async damage => {
      const { file, begin, end } = await restartable();
      const first = await begin();
      const own = await first.enter();
      await end(first);
      writeFileSync(file, damage);
      const second = await begin();
      expect((await load(second, own)).status).toBe(401);
      expect(readdirSync(join(file, '..')).some(name => name.startsWith('pages.json.damaged-'))).toBe(true);
      expect((await load(second, await second.enter())).status).toBe(200);
      await end(second);
    },
  );

  test('of a daemon: `ui --close` ends the pages of earlier runs too, for good', async () => {
    const home = temporaryHome({ 'keepalive.config.json': '{"plugins":["ui-web"]}' });
    const first = await startDaemon(home);
    const entered = await fetch((await first.client.request('page/open')).url, { redirect: 'manual' });
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const url = new URL(entered.headers.get('location') ?? '', entered.url);
    first.child.kill('SIGTERM');
    await first.done;
    const second = await startDaemon(home);
    expect((await second.client.request('kernel/info')).pages).toMatchObject([{ connections: 0 }]);
    expect((await run(KEEPALIVE, ['ui', '--close'], home)).stdout).toBe('Closed 1 settings page.\n');
    expect((await fetch(url, { headers: { cookie } })).status).toBe(401);
    second.child.kill('SIGKILL');
    await second.done;
    const third = await startDaemon(home);
    expect([
      (await fetch(url, { headers: { cookie } })).status,
      (await third.client.request('kernel/info')).pages,
    ]).toEqual([401, []]);
  });
});
