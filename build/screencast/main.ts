import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claudeLogin } from '../../tests/support/vendors/claude-login.ts';
import { codexLogin } from '../../tests/support/vendors/codex-login.ts';
import { toSvg } from './svg.ts';
import { Recording } from './terminal.ts';

// Records docs/images/screencast.svg: the real program in a real terminal, with made-up logins in a temporary home.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const TITLE = 'keepalive start, status, plan and the live table in a terminal.';
const [HOUR, DAY] = [3_600_000, 86_400_000];

const home = mkdtempSync(join(tmpdir(), 'screencast-'));
const env = {
  HOME: home,
  KEEPALIVE_HOME: join(home, 'keepalive'),
  PATH: dirname(process.execPath),
  TERM: 'xterm-256color',
};
const keepalive = (...args: readonly string[]) => [process.execPath, MAIN, ...args];

function put(name: string, text: string): void {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
}

const now = Date.now();
put('.claude/.credentials.json', claudeLogin({ expiresAt: now + 5 * HOUR, loginExpiresAt: now + 23 * DAY }));
put('.codex/auth.json', codexLogin({ issuedAt: now - HOUR, expiresAt: now + 9 * DAY, refreshedAt: now - HOUR }));

const recording = new Recording(env);
try {
  await recording.run('keepalive start', keepalive('start'), 4_000);
  await recording.run('keepalive', keepalive('status'), 4_500);
  await recording.clear();
  await recording.run('keepalive plan --for 3h', keepalive('plan', '--for', '3h'), 4_500);
  await recording.clear();
  await recording.play('keepalive status --watch', keepalive('status', '--watch'), [
    [2_500, '?'],
    [5_500, '?'],
    [6_500, 'j'],
    [7_500, 'p'],
    [9_500, 'p'],
    [12_000, 'q'],
  ]);
  recording.wait(2_000);
  const file = join(ROOT, 'docs/images/screencast.svg');
  writeFileSync(file, toSvg(recording.frames, recording.durationMs, TITLE));
  process.stdout.write(`${file}: ${recording.frames.length} frames, ${Math.round(recording.durationMs / 1_000)} s\n`);
} finally {
  await recording.run('', keepalive('stop'), 0).catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
}
