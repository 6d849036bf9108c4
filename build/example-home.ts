import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { claudeLogin } from '../tests/support/vendors/claude-login.ts';
import { codexLogin } from '../tests/support/vendors/codex-login.ts';

/** The environment of programs that run in the example home, and see nothing of the real one. */
export type ExampleEnvironment = Record<'HOME' | 'KEEPALIVE_HOME' | 'PATH' | 'TERM', string>;

const [HOUR, DAY] = [3_600_000, 86_400_000];

/** Runs `use` with a temporary home that has made-up logins of claude and of two accounts of codex. */
export async function withExampleHome(
  use: (env: ExampleEnvironment) => Promise<void>,
  path: string = dirname(process.execPath),
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'keepalive-example-'));
  try {
    putLogins(home);
    await use({ HOME: home, KEEPALIVE_HOME: join(home, 'keepalive'), PATH: path, TERM: 'xterm-256color' });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function putLogins(home: string): void {
  const put = (name: string, text: string) => {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  };
  const now = Date.now();
  const codex = (account: string) =>
    codexLogin({ issuedAt: now - HOUR, expiresAt: now + 9 * DAY, refreshedAt: now - HOUR, account, refresh: account });
  put('.claude/.credentials.json', claudeLogin({ expiresAt: now + 5 * HOUR, loginExpiresAt: now + 23 * DAY }));
  put('.codex/auth.json', codex('one'));
  put('.codex-work/auth.json', codex('two'));
  const plugins = ['auto', ['codex', { id: 'codex-work', home: '~/.codex-work' }]];
  put('keepalive/keepalive.config.json', JSON.stringify({ plugins }));
}
