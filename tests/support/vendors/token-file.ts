import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenFile } from '../../../sdk/recipes/oauth/token-file.ts';
import { temporaryFolder } from '../real-context.ts';

type Stored = { readonly access_token?: string; readonly refresh_token?: string; readonly expires_at?: number };

/** An expired token file in a new folder, and its description. */
export async function tokenFile(given: Partial<TokenFile> = {}, stored: Stored = {}) {
  const folder = await temporaryFolder();
  const source: TokenFile = {
    file: join(folder, 'token.json'),
    tokenEndpoint: 'http://127.0.0.1:1/token',
    clientId: 'client',
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    signIn: 'Run `acme login`.',
    ...given,
  };
  const write = (value: object) => writeFile(source.file, JSON.stringify(value), { mode: 0o600 });
  await write({ access_token: 'access-0', refresh_token: 'refresh-0', expires_at: 1, ...stored });
  return { folder, source, write, read: async (): Promise<Stored> => JSON.parse(await readFile(source.file, 'utf8')) };
}

/** A wait that takes no time. */
export const noWait = async (): Promise<void> => {};
