import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import oauth, { type OauthOptions } from '../../plugins/oauth/index.ts';
import { realContext } from '../support/real-context.ts';
import { tokenFile } from '../support/vendors/token-file.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

const options = (given: object = {}) =>
  ({
    id: 'acme',
    file: '~/token.json',
    tokenEndpoint: 'https://id.acme.example/token',
    clientId: 'client',
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    ...given,
  }) as OauthOptions;

test('a token file is kept alive with only a configuration', async () => {
  const { url, received } = await rotatingServer();
  const { folder, source } = await tokenFile();
  await writeFile(
    source.file,
    '{"access_token":"access-0","refresh_token":"refresh-0","expires_at":"2026-01-01T00:00:00Z"}',
  );
  const plugin = oauth(options({ tokenEndpoint: url }));
  const context = realContext(folder, { now: () => 1.8e12 });
  expect(plugin).toMatchObject({
    kind: 'provider',
    id: 'acme',
    displayName: 'acme',
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' } },
  });
  expect(await plugin.inspect?.(context)).toMatchObject({
    present: true,
    store: source.file,
    expiresAt: new Date('2026-01-01T00:00:00Z'),
  });
  expect(await plugin.refresh(context)).toMatchObject({
    method: 'redeem',
    status: 'refreshed',
    expiresAt: new Date(1.8e12 + 3_600_000),
  });
  expect(await plugin.refresh(context)).toMatchObject({ status: 'fresh' });
  expect(await context.files.read('~/token.json')).toBe(
    '{"access_token":"access-1","refresh_token":"refresh-1","expires_at":"2027-01-15T09:00:00.000Z"}',
  );
  expect(received).toHaveLength(1);
});

test("an option adds the vendor's own codes that end a login", async () => {
  const { folder } = await tokenFile();
  const fetch = async () => Response.json({ error: 'SESSION_GONE' }, { status: 400 });
  const refresh = (given: object) => oauth(options(given)).refresh(realContext(folder, { fetch }));
  expect(await refresh({ permanentCodes: ['session_gone'] })).toMatchObject({
    status: 'login-required',
    proof: 'The vendor answered 400 SESSION_GONE.',
  });
  await expect(refresh({ permanentCodes: ['SESSION_GONE_2'] })).rejects.toMatchObject({ code: 'KA_UNEXPECTED_ANSWER' });
  await expect(refresh({})).rejects.toMatchObject({
    code: 'KA_UNEXPECTED_ANSWER',
    details: { status: 400, vendorCode: 'SESSION_GONE' },
  });
});

test('it reports a change of the file', async () => {
  const { folder, write } = await tokenFile();
  const context = realContext(folder);
  const changed = vi.fn<() => void>();
  onTestFinished(oauth(options()).watch?.(context, changed) ?? (() => {}));
  await write({});
  await expect.poll(() => changed.mock.calls.length).toBe(1);
});

test.each([
  'http://localhost:1/t',
  'http://127.0.0.1/t',
  'http://127.1.2.3/t',
  'http://[::1]:8/t',
  'https://acme.example/t',
])('%s is a token endpoint', tokenEndpoint => {
  expect(oauth(options({ tokenEndpoint }))).toMatchObject({ id: 'acme' });
});

test.each([
  'http://acme.example/t',
  'http://127.0.0.1.acme.example/t',
  'http://localhost.acme.example/t',
  'http://0.0.0.0/t',
  'ftp://localhost/t',
  'acme',
  '',
])('%j is refused as a token endpoint', tokenEndpoint =>
  expect(() => oauth(options({ tokenEndpoint }))).toThrow(
    expect.objectContaining({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [expect.objectContaining({ path: 'tokenEndpoint' })] },
    }),
  ),
);

test('all problems of the options are reported at once', () => {
  const wrong = options({
    id: 'Acme!',
    clientId: '',
    body: 'xml',
    tokenUrl: 'x',
    paths: { access: '', refresh: 'a..b', expires: 'x' },
  });
  expect(() => oauth(wrong)).toThrow(
    expect.objectContaining({
      code: 'KA_CONFIG_INVALID',
      details: {
        problems: expect.arrayContaining(
          ['id', 'clientId', 'body', 'paths.access', 'paths.refresh', 'paths', ''].map(path =>
            expect.objectContaining({ path }),
          ),
        ),
      },
    }),
  );
});
