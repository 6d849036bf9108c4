import claude, { type ClaudeOptions } from '../../../plugins/claude/index.ts';
import type { ExecResult } from '../../../sdk/plugin/process.ts';
import { fakeContext, type ExecCall, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { claudeLogin, type ClaudeFacts } from './claude-login.ts';
import { noWait } from './token-file.ts';

export const NOW = Date.UTC(2026, 0, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const STORE = '~/.claude/.credentials.json';

export const LOGIN_ENDS = NOW + 20 * DAY;
const dated = (left: number, facts: ClaudeFacts = {}): ClaudeFacts => ({
  expiresAt: NOW + left,
  loginExpiresAt: LOGIN_ENDS,
  ...facts,
});
export const YOUNG = dated(HOUR);
export const ENDING = dated(4 * MINUTE);
export const EXPIRED = dated(-MINUTE);
export const RENEWED = dated(8 * HOUR, { refresh: 'CANARY-refresh-2' });

/** The provider on Linux, with waits that take no time. */
export const provider = (options: ClaudeOptions = {}, platform: NodeJS.Platform = 'linux') =>
  claude(options, { wait: noWait, platform });

export const login = (facts: ClaudeFacts) => ({ [STORE]: claudeLogin(facts) });

/** The effect of starting claude, with its output. */
export type Behaviour = (context: FakeContext, call: ExecCall) => Partial<ExecResult> | void;

/**
 * A machine with a claude of this version. `touched` runs at each start but for its version. Without it there is no
 * claude.
 */
export function machine(
  files: Readonly<Record<string, string>>,
  touched?: Behaviour,
  { version = '2.1.330', ...world }: FakeOverrides & { readonly version?: string } = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    now: () => NOW,
    files,
    ...(touched && { programs: { claude: '/bin/claude' } }),
    exec: call =>
      call.args[0] === '--version'
        ? { stdout: `${version} (Claude Code)\n` }
        : (touched?.(context, call) ?? { exitCode: 1 }),
    fetch: () => new Response(null, { status: 405 }),
    ...world,
  });
  return context;
}

/** A claude that renews. */
export const renewing: Behaviour = ({ files }) => files.write(STORE, claudeLogin(RENEWED));
/** A claude that changes nothing. */
export const idle: Behaviour = () => {};

/** The starts of claude but those for its version. */
export const touches = ({ calls }: FakeContext) => calls.exec.filter(({ args }) => args[0] !== '--version');
