import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claudeEnvironment } from './claude-environment.ts';
import { claudeServer } from './claude-server.ts';
import { temporaryFolder } from '../real-context.ts';
import { vendorProxy } from './vendor-proxy.ts';
import { findVendorProgram, noVendorProgram } from './vendor-program.ts';

const HOUR = 3_600_000;
const HOSTS = ['platform.claude.com', 'api.anthropic.com', 'claude.ai'];

export const CLAUDE = findVendorProgram('claude');

/** Why the real claude cannot sign in here. Undefined if it can. */
export const lackingClaude =
  process.platform !== 'linux'
    ? 'elsewhere claude keeps its login in another store'
    : CLAUDE === undefined
      ? noVendorProgram('claude')
      : findVendorProgram('openssl') === undefined
        ? 'there is no openssl to make a certificate'
        : undefined;

/** The real claude, at a server of ours. */
export type ClaudeScene = Awaited<ReturnType<typeof claudeScene>>;

/** A home with a login at the server that has an hour left, and no browser but a stub. `config` is claude's folder. */
export async function claudeScene(more: Readonly<Record<string, string>> = {}, config = '.claude') {
  const server = await claudeServer();
  const proxy = await vendorProxy(HOSTS, server.handle);
  const folder = await temporaryFolder();
  const file = join(folder, config, '.credentials.json');
  const { account, text: before } = server.signIn(HOUR);
  await mkdir(join(folder, config));
  await writeFile(file, before, { mode: 0o600 });
  const env = await claudeEnvironment(folder, proxy, more);
  const read = () => readFile(file, 'utf8');
  return {
    server,
    folder,
    file,
    account,
    before,
    env,
    read,
    isAlive: async (account: string) => server.isAlive(account, await read()),
    /** Every text below the home, to look for what must not be kept. */
    kept: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
      return (await Promise.all(files.map(name => readFile(name, 'utf8')))).join('\n');
    },
    started: async () => (await readdir(folder)).filter(name => name.startsWith('started-')),
  };
}
