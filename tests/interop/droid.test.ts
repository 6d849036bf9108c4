import type { RequestListener } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import droid from '../../plugins/droid/index.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { noWait } from '../support/vendors/token-file.ts';
import { DROID_KEY, droidLogin } from '../support/vendors/droid-login.ts';
import { jwt } from '../support/vendors/tokens.ts';
import { vendorProxy } from '../support/vendors/vendor-proxy.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const HOSTS = ['api.workos.com', 'api.factory.ai', 'api.eu.factory.ai', 'app.factory.ai', 'telemetry.factory.ai'];
const HOUR = 3_600_000;
const program = findVendorProgram('droid');
const lacking =
  program === undefined
    ? noVendorProgram('droid')
    : findVendorProgram('openssl') === undefined
      ? 'there is no openssl to make a certificate'
      : undefined;

/** How the vendor answers the refresh of a token. */
type Mood = 'serves' | 'refuses' | 'is out of order' | 'is slow';

/** The parts of WorkOS and Factory that droid needs. Records every request as `POST host/path`. */
function factoryServer(mood: Mood) {
  const asked = new AbortController();
  const requests: string[] = [];
  let renewals = 0;
  const renewed = (): object => {
    const exp = Math.floor((Date.now() + 24 * HOUR) / 1_000);
    const access_token = jwt({ exp, email: 'you@example.test', sub: 'user_1', jti: `CANARY-server-${++renewals}` });
    return { access_token, refresh_token: `CANARY-server-refresh-${renewals}` };
  };
  const answer = (path: string): readonly [status: number, body: object] => {
    if (path.endsWith('/whoami')) return [200, { userId: 'user_1', orgId: 'org_1' }];
    if (path !== '/user_management/authenticate') return [404, {}];
    if (mood === 'refuses') return [400, { error: 'invalid_grant' }];
    return mood === 'serves' ? [200, renewed()] : [503, {}];
  };
  const handle: RequestListener = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${request.headers.host}${pathname}`);
    const [status, body] = answer(pathname);
    if (mood === 'is slow' && pathname === '/user_management/authenticate') return asked.abort();
    request
      .resume()
      .on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  };
  return { requests, handle, asked: asked.signal };
}

/** A droid home with a login at the server, and what refreshes it. */
async function signedIn(mood: Mood, left = -60_000) {
  const home = await temporaryFolder();
  await mkdir(join(home, '.factory'), { mode: 0o700 });
  await writeFile(join(home, '.factory', 'auth.v2.file'), droidLogin(Date.now() + left), { mode: 0o600 });
  await writeFile(join(home, '.factory', 'auth.v2.key'), DROID_KEY, { mode: 0o600 });
  const server = factoryServer(mood);
  const proxy = await vendorProxy(HOSTS, server.handle);
  const variables = { ...proxy.variables, NODE_EXTRA_CA_CERTS: proxy.authority };
  const env = { PATH: process.env['PATH'], HOME: home, TERM: 'dumb', ...variables };
  const context = realContext(home, {
    env,
    exec: createExec({ workDir: join(home, 'work'), env }),
    which: createWhich(env),
    fetch: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, proxy.url), init),
  });
  const refresh = () =>
    droid({ program: program ?? '' }, noWait)
      .refresh(context)
      .catch((error: unknown) => error);
  const asked = (part: string) => server.requests.filter(request => request.includes(part)).length;
  return { home, context, refresh, asked, renewing: server.asked };
}

describe.skipIf(lacking)(`with the real droid (${lacking ? `skipped: ${lacking}` : program})`, () => {
  test('listing its plugins renews an expired login once and asks nothing of a model', async () => {
    const { context, refresh, asked } = await signedIn('serves');
    expect(await refresh()).toMatchObject({ status: 'refreshed', method: 'touch' });
    expect(context.concealed).toContain('CANARY-server-refresh-1');
    expect(await refresh()).toMatchObject({ status: 'fresh' });
    expect([asked('/authenticate'), asked('/api/llm')]).toEqual([1, 0]);
  }, 120_000);

  test.each<[string, Mood, string]>([
    ['was ended is kept by droid, which is no proof', 'refuses', 'KA_OFFLINE'],
    ['cannot be renewed during an outage is offline', 'is out of order', 'KA_OFFLINE'],
  ])(
    'a login that %s',
    async (_name, mood, code) => {
      const { refresh, asked } = await signedIn(mood);
      expect(await refresh()).toMatchObject({ code });
      expect(asked('/authenticate')).toBeGreaterThan(0);
    },
    120_000,
  );

  test('SIGTERM ends it in the middle of a renewal, so it is given long', async () => {
    const { home, context, renewing } = await signedIn('is slow');
    const file = join(home, '.factory', 'auth.v2.file');
    const before = await readFile(file, 'utf8');
    const run = context.exec(program ?? '', ['plugin', 'list'], { signal: renewing, graceMs: 100_000 });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readFile(file, 'utf8')).toBe(before);
  }, 120_000);

  test('a login with more than a minute left is not renewed, even if droid runs', async () => {
    const { context, asked, refresh } = await signedIn('serves', 10 * 60_000);
    expect(await refresh()).toMatchObject({ status: 'fresh' });
    await context.exec(program ?? '', ['plugin', 'list']);
    expect(asked('/authenticate')).toBe(0);
  }, 120_000);
});
