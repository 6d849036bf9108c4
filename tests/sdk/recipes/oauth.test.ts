import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redeem, type TokenFile } from '../../../sdk/recipes/oauth.ts';
import { realContext, temporaryFolder } from '../../support/real-context.ts';
import { rotatingServer } from '../../support/token-server.ts';

const sourceFor = (folder: string, tokenEndpoint: string): TokenFile => ({
  file: join(folder, 'token.json'),
  tokenEndpoint,
  clientId: 'client',
  paths: { access: 'tokens.access_token', refresh: 'tokens.refresh_token', expiresAt: 'expires_at' },
  signIn: 'Run `acme login`.',
});

test('a due token is redeemed, and all else in the file is kept', async () => {
  const folder = await temporaryFolder();
  const { url, received } = await rotatingServer();
  const source = sourceFor(folder, url);
  await writeFile(source.file, JSON.stringify({ keep: [1], tokens: { access_token: 'access-0', refresh_token: 'refresh-0', id: 7 }, expires_at: 1 }, null, 2) + '\n');
  const context = realContext(folder);
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed' });
  expect(await readFile(source.file, 'utf8')).toMatch(/^\{\n {2}"keep": \[\n[^]*"access_token": "access-1",\n {4}"refresh_token": "refresh-1",\n {4}"id": 7\n[^]*\}\n$/);
  expect(received).toHaveLength(1);
  expect(await redeem(source, context)).toMatchObject({ status: 'fresh' });
  expect(received).toHaveLength(1);
});
