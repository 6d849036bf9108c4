import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import claude from '../../plugins/claude/index.ts';
import { claudeServer } from '../../tests/support/vendors/claude-server.ts';
import type { Fault } from '../faults/fault.ts';
import { dirLocks } from '../faults/machine.ts';
import type { Seen } from '../judge.ts';
import { trusted } from '../../tests/support/vendors/trusted.ts';
import { countsOf, proxied, SYSTEM, type Vendor, type VendorProgram } from './program.ts';

async function vendor(): Promise<Vendor> {
  const server = await claudeServer();
  return {
    url: server.url,
    isExchange: (method, _host, path) => method === 'POST' && path === '/v1/oauth/token',
    counts: () => countsOf(server.exchanges),
    async signIn(folder) {
      const file = join(folder, '.claude', '.credentials.json');
      const { account, text } = server.signIn(-60_000);
      await mkdir(join(folder, '.claude'));
      await writeFile(file, text, { mode: 0o600 });
      const oauthAccount = { accountUuid: 'u', emailAddress: 'you@example.test', organizationUuid: 'o' };
      await writeFile(join(folder, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, oauthAccount }));
      const read = () => readFile(file, 'utf8');
      return { read, isAlive: async () => server.isAlive(account, await read()), end: () => server.end(account) };
    },
  };
}

/** How old a lock that was left behind has to be before claude takes it. */
async function measure(tryIt: (fault: Fault) => Promise<Seen>): Promise<{ readonly lockStaleMs: number }> {
  for (const lockStaleMs of [10_000, 30_000]) {
    const { during } = await tryIt({ name: 'a lock', expects: 'either', before: dirLocks(lockStaleMs + 5_000, true) });
    if (during.renewed > 0) return { lockStaleMs };
  }
  return { lockStaleMs: 60_000 };
}

/** Anthropic's Claude Code. */
export const CLAUDE: VendorProgram = {
  name: 'claude',
  npm: '@anthropic-ai/claude-code',
  bin: '.bin/claude',
  native: { from: `@anthropic-ai/claude-code-${SYSTEM}/claude`, to: '@anthropic-ai/claude-code/bin/claude.exe' },
  kinds: {
    mcp: program => claude({ program }, { releases: trusted('claude', 'mcp') }),
    status: program => claude({ program, touch: 'status' }, { releases: trusted('claude', 'status') }),
  },
  success: 'refreshed',
  parts: ['vendor', 'tokens', 'program', 'rotation', 'directory locks'],
  hosts: ['platform.claude.com', 'api.anthropic.com', 'claude.ai', 'mcp-proxy.anthropic.com'],
  vendor,
  env: ({ authority, proxy }) => ({
    NODE_EXTRA_CA_CERTS: authority,
    ...proxied(proxy),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }),
  // It drops such an answer, and with it the only valid token.
  expects: { 'a new token without its life': 'lost' },
  measure,
  locks: folder => [join(folder, '.claude', '.oauth_refresh.lock'), join(folder, '.claude.lock')],
};
