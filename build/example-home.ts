import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { claudeLogin } from '../tests/support/vendors/claude-login.ts';
import { codexLogin } from '../tests/support/vendors/codex-login.ts';

/** The environment of programs that run in the example home, and see nothing of the real one. */
export type ExampleEnvironment = Readonly<Record<'HOME' | 'KEEPALIVE_HOME' | 'PATH' | 'TERM', string>>;

const [HOUR, DAY] = [3_600_000, 86_400_000];

/** Runs `use` with a temporary home that has made-up logins of claude and of two accounts of codex. */
export async function withExampleHome(use: (env: ExampleEnvironment) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'keepalive-example-'));
  try {
    putLogins(home);
    const path = [join(home, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
    await use({ HOME: home, KEEPALIVE_HOME: join(home, 'keepalive'), PATH: path, TERM: 'xterm-256color' });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function putLogins(home: string): void {
  const put = (name: string, text: string, mode = 0o600) => {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode });
  };
  const now = Date.now();
  const codex = (email: string) =>
    codexLogin({
      issuedAt: now - HOUR,
      expiresAt: now + 9 * DAY,
      refreshedAt: now - HOUR,
      account: email,
      refresh: email,
      email,
    });
  put('.claude/.credentials.json', claudeLogin({ expiresAt: now + 5 * HOUR, loginExpiresAt: now + 23 * DAY }));
  put('.claude.json', JSON.stringify({ oauthAccount: { emailAddress: 'maria@acme.test' } }));
  put('.codex/auth.json', codex('maria@acme.test'));
  put('.codex-work/auth.json', codex('office@acme.test'));
  // Programs with which the sessions show the method that most users have. They can only print their version.
  put('bin/claude', '#!/bin/sh\necho "2.1.332 (Claude Code)"\n', 0o700);
  put('bin/codex', '#!/bin/sh\necho "codex-cli 0.60.0"\n', 0o700);
}
