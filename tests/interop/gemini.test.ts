import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import gemini from '../../plugins/gemini/index.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { googleServer, type GoogleMood } from '../support/vendors/google-server.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { noWait } from '../support/vendors/token-file.ts';
import { vendorProxy } from '../support/vendors/vendor-proxy.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const HOSTS = ['oauth2.googleapis.com', 'www.googleapis.com', 'cloudcode-pa.googleapis.com', 'play.googleapis.com'];
const program = findVendorProgram('gemini');
const lacking =
  program === undefined
    ? noVendorProgram('gemini')
    : findVendorProgram('openssl') === undefined
      ? 'there is no openssl to make a certificate'
      : undefined;

/** A gemini home with a login at the server, and a provider context. */
async function signedIn(mood: GoogleMood, { left = -60_000, selected = true } = {}) {
  const folder = await temporaryFolder();
  const file = join(folder, '.gemini', 'oauth_creds.json');
  await mkdir(join(folder, '.gemini'));
  const credential = {
    access_token: 'ya29.CANARY-0',
    refresh_token: '1//CANARY-refresh',
    token_type: 'Bearer',
    scope: 'x',
    expiry_date: Date.now() + left,
  };
  await writeFile(file, JSON.stringify(credential), { mode: 0o600 });
  if (selected)
    await writeFile(
      join(folder, '.gemini', 'settings.json'),
      JSON.stringify({ security: { auth: { selectedType: 'oauth-personal' } } }),
    );
  const server = googleServer(mood);
  const proxy = await vendorProxy(HOSTS, server.handle);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TERM: 'dumb',
    NODE_EXTRA_CA_CERTS: proxy.authority,
    HTTPS_PROXY: proxy.url,
    HTTP_PROXY: proxy.url,
    https_proxy: proxy.url,
  };
  const context = (given: Partial<ProviderContext> = {}) =>
    realContext(folder, {
      env,
      exec: createExec({ workDir: join(folder, 'work'), env }),
      which: createWhich(env),
      ...given,
      fetch: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, proxy.url), init),
    });
  const read = async () => JSON.parse(await readFile(file, 'utf8'));
  return { context, read, asked: (path: string) => server.requests.filter(request => request.endsWith(path)).length };
}

/** Waits for gemini's late writes only if it writes. */
const refresh = (context: ProviderContext, isWriting = true) =>
  gemini({ program: program ?? '' }, isWriting ? realWait : noWait)
    .refresh(context)
    .catch((error: unknown) => error);

describe.skipIf(lacking)(`with the real gemini (${lacking ? `skipped: ${lacking}` : program})`, () => {
  test('listing its sessions renews an expired login once and generates nothing', async () => {
    const { context, read, asked } = await signedIn('serves');
    expect(await refresh(context())).toEqual({
      status: 'refreshed',
      expiresAt: undefined,
      loginExpiresAt: undefined,
      method: 'touch',
    });
    expect(await read()).toMatchObject({ access_token: 'ya29.CANARY-1', refresh_token: '1//CANARY-refresh' });
    expect((await read()).expiry_date).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await refresh(context())).toMatchObject({ status: 'fresh' });
    expect([asked('/token'), asked(':generateContent'), asked(':streamGenerateContent')]).toEqual([1, 0, 0]);
  }, 60_000);

  test.each<[string, GoogleMood, object]>([
    ['was ended looks like an outage, which is not a proof', 'refuses', { code: 'KA_OFFLINE' }],
    ['cannot be renewed during an outage is offline', 'is out of order', { code: 'KA_OFFLINE' }],
    [
      'Google has retired is unavailable',
      'has retired the client',
      { status: 'unavailable', hint: expect.stringContaining('retired') },
    ],
  ])(
    'a login that %s',
    async (_name, mood, expected) => {
      const { context, asked } = await signedIn(mood);
      expect(await refresh(context(), false)).toMatchObject(expected);
      expect(asked('/token')).toBeGreaterThan(0);
    },
    60_000,
  );

  test('a login that is not selected is unavailable', async () => {
    const { context } = await signedIn('serves', { selected: false });
    expect(await refresh(context(), false)).toMatchObject({
      status: 'unavailable',
      hint: expect.stringContaining('sign in with Google'),
    });
  }, 60_000);

  test('a login with more than 5 minutes left is not renewed, even if forced', async () => {
    const { context, asked } = await signedIn('serves', { left: 1_800_000 });
    expect(await refresh(context({ force: true }), false)).toMatchObject({ status: 'fresh' });
    expect(asked('/token')).toBe(0);
  }, 60_000);
});
