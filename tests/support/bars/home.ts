import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Notice, SessionRecord, SessionState } from '../../../sdk/contract/session.ts';
import { KEEPALIVE, temporaryHome } from '../daemon/daemon.ts';
import { readText } from '../sources.ts';

type Env = Readonly<Record<string, string>>;

const HOUR = 3_600_000;

const record = (displayName: string, state: SessionState): SessionRecord => ({ displayName, state });
const alive = (): SessionState => ({ name: 'alive', wakeAt: Date.now() + HOUR, wakeWhy: '' });
const login: SessionState = { name: 'halted', why: 'login-required', hint: 'Run `codex login`.', failures: 0 };

/** What the line is about: every session is alive, or one needs a login. */
export const STATES = {
  well: () => ({ claude: record('Claude Code', alive()), codex: record('Codex', alive()) }),
  login: () => ({ claude: record('Claude Code', alive()), codex: record('Codex', login) }),
};
export const LINES = { well: '● 2 alive', login: '✗ codex login required' } as const;
export type Situation = keyof typeof LINES;

/** A home as a running daemon keeps it, and the environment of a shell that has `keepalive` on its path. */
export function barHome(situation: Situation, notices: readonly Notice[] = []): { readonly home: string; env: Env } {
  const home = temporaryHome({
    'states.json': JSON.stringify({ version: 1, notices, sessions: STATES[situation]() }),
    // It names no process, because a test may look as another user, who cannot see ours.
    'endpoint.json': '{}',
  });
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'keepalive'), `#!/bin/sh\nexec '${process.execPath}' '${KEEPALIVE}' "$@"\n`);
  chmodSync(join(bin, 'keepalive'), 0o755);
  const PATH = [bin, process.env['PATH']].join(delimiter);
  return { home, env: { PATH, HOME: home, KEEPALIVE_HOME: home, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' } };
}

/** The snippet as it is in the documentation, saved in the home. */
export function saveSnippet(home: string, file: string, as = file): string {
  const path = join(home, as);
  writeFileSync(path, readText(`docs/snippets/${file}`));
  return path;
}
