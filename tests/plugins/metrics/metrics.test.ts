import { createServer } from 'node:http';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import metrics, { type MetricsOptions } from '../../../plugins/metrics/index.ts';
import { textfile } from '../../../plugins/metrics/textfile.ts';
import { publish, type Places } from '../../../plugins/metrics/publish.ts';
import { isKeepaliveError } from '../../../sdk/index.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';
import { fakeKernel, sessionOf } from './fake-client.ts';

const posix = process.platform !== 'win32';

type Started = Partial<Places> & { readonly home?: string };

/** The plugin in a home, beside a kernel with one session. */
async function started({ home = temporaryHome(), ...places }: Started = {}) {
  const kernel = fakeKernel([sessionOf('acme')]);
  const { log, calls } = fakeContext();
  const ending = new AbortController();
  const tokenFile = join(home, 'metrics.token');
  const all: Places = { port: 0, token: undefined, tokenFile, textfile: undefined, ...places };
  const cleanup = await publish(all, { client: kernel.client, log, signal: ending.signal });
  onTestFinished(async () => void (await cleanup()));
  const served = calls.log.find(({ message }) => message === 'metrics are served')?.fields['url'];
  const port = Number(typeof served === 'string' ? new URL(served).port : NaN);
  const token = existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8').trim() : '';
  const ask = (headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}` }, more: Asked = {}) =>
    answerOf(port, headers, more);
  return { ...kernel, home, ask, cleanup, ending, logged: calls.log, port, token, tokenFile };
}

type Asked = { readonly method?: string; readonly path?: string };
type Answer = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string };

async function answerOf(
  port: number,
  headers: Readonly<Record<string, string>>,
  { method = 'GET', path = '/metrics' }: Asked,
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('the listener', () => {
  test('answers a scraper with the token in the format that it asks for', async () => {
    const { ask, token } = await started();
    const plain = await ask();
    expect(plain.status).toBe(200);
    expect(plain.headers).toMatchObject({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    expect(plain.body).toContain('# TYPE keepalive_attempts_total counter\n');
    expect(plain.body).toContain('keepalive_clients 4\n');
    const open = await ask({ authorization: `bearer ${token}`, accept: 'application/openmetrics-text' });
    expect(open.headers['content-type']).toContain('application/openmetrics-text; version=1.0.0');
    expect(open.body).toMatch(
      /# TYPE keepalive_attempts counter\n[^]*keepalive_build_info\{version="1\.2\.3"\} 1\n# EOF\n$/,
    );
    expect(open.body).not.toContain('\n\n');
  });

  test.each<[string, number, (token: string, port: number) => Record<string, string>, Asked?]>([
    ['no token', 401, () => ({})],
    ['a wrong token', 401, token => ({ authorization: `Bearer ${token}x` })],
    ['half a token', 401, token => ({ authorization: `Bearer ${token.slice(0, 20)}` })],
    ['another scheme', 401, token => ({ authorization: `Basic ${token}` })],
    ['no token for another path', 401, () => ({}), { path: '/' }],
    ['the name of a web site', 403, token => ({ authorization: `Bearer ${token}`, host: 'evil.test' })],
    ['a host without its port', 403, token => ({ authorization: `Bearer ${token}`, host: '127.0.0.1' })],
    [
      'the origin of a web page',
      403,
      (token, port) => ({ authorization: `Bearer ${token}`, host: `127.0.0.1:${port}`, origin: 'http://evil.test' }),
    ],
    ['an opaque origin', 403, token => ({ authorization: `Bearer ${token}`, origin: 'null' })],
    ['another path', 404, token => ({ authorization: `Bearer ${token}` }), { path: '/metrics/x' }],
    ['another method', 405, token => ({ authorization: `Bearer ${token}` }), { method: 'POST' }],
    ['a query', 200, token => ({ authorization: `Bearer ${token}` }), { path: '/metrics?x=1' }],
    ['HEAD', 200, token => ({ authorization: `Bearer ${token}` }), { method: 'HEAD' }],
    ['localhost', 200, (token, port) => ({ authorization: `Bearer ${token}`, host: `localhost:${port}` })],
  ])('answers a request with %s by %i', async (_what, status, headers, asked) => {
    const { ask, token, port } = await started();
    const answer = await ask(headers(token, port), asked);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body).toBe('');
  });

  test('says nothing about a kernel whose connection is lost, because that would be out of date', async () => {
    const { ask, lose } = await started();
    lose();
    expect(await ask()).toMatchObject({ status: 503, body: '' });
  });

  test('asks the kernel only for the number of clients at a scrape', async () => {
    const { ask, asked } = await started();
    asked.splice(0);
    await ask();
    expect(asked).toEqual(['kernel/info']);
  });

  test('is off with a clear line in the log if the port is taken, and the file is written anyway', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const home = temporaryHome();
    const file = join(home, 'keepalive.prom');
    const { logged } = await started({ home, port, textfile: file });
    expect(logged.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        message: 'metrics are not served',
        fields: { port, reason: 'EADDRINUSE', action: expect.stringContaining('another port') },
      },
    ]);
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true);
  });

  test('gives up its port as soon as it is stopped, so that a reload can use it again', async () => {
    const first = await started();
    first.ending.abort();
    const second = await started({ home: first.home, port: first.port });
    expect(second.port).toBe(first.port);
    expect((await second.ask()).status).toBe(200);
  });

  test('answers a scraper while other programs hold connections', async () => {
    const { ask, port } = await started();
    const sockets = Array.from({ length: 600 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    onTestFinished(() => sockets.forEach(socket => socket.destroy()));
    await Promise.all(sockets.slice(0, 500).map(socket => once(socket, 'connect')));
    expect((await ask()).status).toBe(200);
  });

  test('ends although a client holds a connection', async () => {
    const { cleanup, port } = await started();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write('GET /metrics HTTP/1.1\r\n');
    await cleanup();
    await expect.poll(() => socket.closed, { timeout: 30_000 }).toBe(true);
  });
});

describe('the token', () => {
  test('is made once, readable for the user only, and outlives a restart', async () => {
    const { home, token, tokenFile, cleanup } = await started();
    expect(token).toMatch(/^[\w-]{43}$/);
    if (posix) expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    await cleanup();
    expect((await started({ home })).token).toBe(token);
    expect(readdirSync(home)).toEqual(['metrics.token']);
  });

  test('can be given, and is then the one in the file', async () => {
    const home = temporaryHome({ 'metrics.token': 'the-old-token-of-this-home' });
    const { token, ask } = await started({ home, token: 'given-token' });
    expect(token).toBe('given-token');
    expect((await ask()).status).toBe(200);
    expect((await ask({ authorization: 'Bearer the-old-token-of-this-home' })).status).toBe(401);
  });

  test.each([
    ['empty', ''],
    ['cut off', 'abc'],
    ['two lines', 'abcdefghijkl\nmnopqrstuvw'],
    ['binary', 'abcdefghijklmnop\u0000'],
    ['huge', 'a'.repeat(100_000)],
  ])('is made again if its file is %s', async (_what, content) => {
    const { token, ask } = await started({ home: temporaryHome({ 'metrics.token': content }) });
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await ask()).status).toBe(200);
  });

  test.runIf(posix)('is hidden again if its file was readable for others', async () => {
    const home = temporaryHome({ 'metrics.token': 'a-token-that-is-good' });
    chmodSync(join(home, 'metrics.token'), 0o644);
    const { token, tokenFile } = await started({ home });
    expect([token, statSync(tokenFile).mode & 0o777]).toEqual(['a-token-that-is-good', 0o600]);
  });

  test('is not served without: a folder in its place is reported', async () => {
    const home = temporaryHome();
    mkdirSync(join(home, 'metrics.token'));
    writeFileSync(join(home, 'metrics.token/x'), '');
    const kernel = fakeKernel([]);
    const { log, calls } = fakeContext();
    const places = { port: 0, token: undefined, tokenFile: join(home, 'metrics.token'), textfile: undefined };
    const cleanup = await publish(places, { client: kernel.client, log, signal: new AbortController().signal });
    await cleanup();
    const fields = { tokenFile: places.tokenFile, action: expect.stringContaining('this file'), reason: 'EISDIR' };
    expect(calls.log).toEqual([{ level: 'error', message: 'metrics are not served', fields }]);
  });
});

describe('the textfile', () => {
  const inHome = async (more: Partial<Places> = {}) => {
    const home = temporaryHome();
    const file = join(home, 'keepalive.prom');
    return { file, ...(await started({ home, port: undefined, textfile: file, ...more })) };
  };
  const contentOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

  test('follows the sessions, is readable for the node exporter, and goes with the daemon', async () => {
    const { file, send, cleanup, home } = await inHome();
    await expect.poll(() => contentOf(file), { timeout: 30_000 }).toContain('state="idle"} 1');
    if (posix) expect(statSync(file).mode & 0o777).toBe(0o644);
    send('session/didChange', sessionOf('acme', { state: { name: 'refreshing', since: 1, failures: 0, tries: 0 } }));
    await expect.poll(() => contentOf(file), { timeout: 30_000 }).toContain('state="refreshing"} 1');
    expect(contentOf(file)).toMatch(/^# HELP[^]*\n$/);
    await cleanup();
    expect(readdirSync(home)).toEqual([]);
  });

  test('alone opens no port and makes no token', async () => {
    const { logged, tokenFile } = await inHome();
    expect([logged, existsSync(tokenFile)]).toEqual([[], false]);
  });

  test('is removed when the connection to the kernel is lost', async () => {
    const { file, lose } = await inHome();
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true);
    lose();
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(false);
  });

  test('is not written again by a change after the end, as at a reload without the plugin', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const render = vi.fn(async () => '');
    const { log } = fakeContext();
    const file = textfile({ file: join(temporaryHome(), 'keepalive.prom'), log, render });
    file.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    await file.end();
    file.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(render).toHaveBeenCalledOnce();
  });

  test('that cannot be written is reported once, and written when it can be', async () => {
    const home = temporaryHome();
    const folder = join(home, 'collector');
    const file = join(folder, 'keepalive.prom');
    const { logged, send, asked } = await started({ home, port: undefined, textfile: file });
    await expect.poll(() => logged.length, { timeout: 30_000 }).toBe(1);
    // Each try counts the clients first, and begins after the one before has failed.
    for (const tries of [2, 3]) {
      send('session/didChange', sessionOf('acme'));
      await expect
        .poll(() => asked.filter(method => method === 'kernel/info').length, { timeout: 30_000 })
        .toBe(1 + tries);
    }
    expect(logged).toHaveLength(1);
    expect(logged[0]?.fields).toMatchObject({ file, reason: 'ENOENT', action: expect.stringContaining('folder') });
    expect(logged).toEqual([expect.objectContaining({ level: 'error', message: 'the metrics cannot be written' })]);
    mkdirSync(folder);
    send('session/didChange', sessionOf('acme'));
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true);
    expect(logged).toHaveLength(1);
  });
});

describe('the options', () => {
  test.each<[MetricsOptions]>([[{}], [{ port: 0 }], [{ port: 9_999, token: 'a-good-token', textfile: '~/a.prom' }]])(
    '%j are accepted',
    options => {
      expect(metrics(options)).toMatchObject({ kind: 'frontend', id: 'metrics' });
    },
  );

  test.each<[object, string]>([
    [{ port: 70_000 }, 'port'],
    [{ port: '9100' }, 'port'],
    [{ token: 'short' }, '8 to 256 visible'],
    [{ token: 'with a space in it' }, '8 to 256 visible'],
    [{ textfile: 'keepalive.prom' }, 'absolute'],
    [{ textfile: '/tmp/keepalive.txt' }, '.prom'],
    [{ host: '0.0.0.0' }, 'host'],
  ])('%j are refused', (options, problem) => {
    expect(problemsOf(options)).toContain(problem);
  });
});

/** What is said about refused options. */
function problemsOf(options: object): string {
  try {
    metrics(options);
  } catch (error) {
    return isKeepaliveError(error) ? JSON.stringify(error.details) : String(error);
  }
  return 'they are accepted';
}
