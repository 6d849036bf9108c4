import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { loginFailed } from '../../sdk/contract/errors.ts';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { SignIn, SignInContext } from '../../sdk/plugin/sign-in.ts';
import { findOwner } from '../../sdk/recipes/session/define-session.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { claudeHome, otherCredential, QUIET, type ClaudeHome } from './home.ts';
import { keepLogin, restoreLogin } from './kept-login.ts';
import { readLogin } from './login.ts';
import { askCode, NEW_ADDRESS, REFUSED } from './sign-in-code.ts';
import { isRefusal, reasonOf, saysSignedIn } from './sign-in-end.ts';

type ClaudeSignIn = {
  /** The folder that the option names. */
  readonly home: string | undefined;
  /** Where claude may be. */
  readonly owner: Parameters<typeof findOwner>[0];
  readonly platform: NodeJS.Platform;
  readonly wait: Wait;
};

/** `claude auth login` shows an address and takes the code that the user gets there, so any browser will do. */
export const claudeSignIn = (options: ClaudeSignIn): SignIn => ({
  account: 'Claude account',
  hosts: ['claude.ai', 'claude.com', 'platform.claude.com'],
  steps: { here: ['code'], device: ['code'] },
  run: context => signIn(options, context),
});

/** Without `--claudeai`, an old claude would take the other words as a prompt. */
const LOGIN = ['auth', 'login', '--claudeai'];
const ADDRESS = /https:\/\/[^\s/]+\/(?:cai\/)?oauth\/authorize\?[!-~]+/;

/** No browser opens on this machine, and no token of the environment is used instead of a code. */
const WITHOUT_BROWSER = {
  BROWSER: 'none',
  DISPLAY: undefined,
  WAYLAND_DISPLAY: undefined,
  CLAUDE_CODE_OAUTH_TOKEN: undefined,
  CLAUDE_CODE_OAUTH_REFRESH_TOKEN: undefined,
  CLAUDE_CODE_OAUTH_SCOPES: undefined,
};

/** The kernel ends a sign-in sooner. */
const LIMIT_MS = 20 * 60_000;
/** Asked to end, claude does so at once. If it were killed while it stores a login, that login would be lost. */
const GRACE_MS = 25_000;
/** claude may end by itself while the user is at the address. */
const MAX_STARTS_WITHOUT_CODE = 3;

async function signIn(options: ClaudeSignIn, context: SignInContext): Promise<void> {
  const home = claudeHome(context, options.home);
  const other = await otherCredential(home, context);
  if (other !== undefined) throw loginFailed(other);
  const program = await findOwner(options.owner, context);
  if (program === undefined) throw loginFailed('There is no claude on this machine', `Install claude. ${home.signIn}`);
  await restoreLogin(home, context, options.wait);
  let problem: string | undefined;
  for (let starts = 0; starts < MAX_STARTS_WITHOUT_CODE;) {
    const { reached, result, isStored } = await run({ ...options, program, home, problem }, context);
    if (isStored) return;
    const isOver = reached === 'nothing' || (reached === 'code' && !isRefusal(result));
    if (isOver) throw loginFailed(reasonOf(result, reached), home.signIn);
    problem = reached === 'code' ? REFUSED : NEW_ADDRESS;
    starts = reached === 'code' ? 0 : starts + 1;
  }
  throw loginFailed('claude ended while it waited for the code', home.signIn);
}

type Run = Pick<ClaudeSignIn, 'platform' | 'wait'> & {
  readonly program: string;
  readonly home: ClaudeHome;
  /** Why this is not the first run. */
  readonly problem: string | undefined;
};

/** How far a run came: it showed its address, or was given a code. */
export type Reached = 'nothing' | 'address' | 'code';

type Ran = { readonly reached: Reached; readonly result: ExecResult; readonly isStored: boolean };

/**
 * Runs claude until it ends, which it does after one code. In a terminal, because it would go on without us if its
 * input were a pipe and we were killed.
 */
async function run({ program, home, problem, platform, wait }: Run, context: SignInContext): Promise<Ran> {
  const progress: { reached: Reached; before?: string | undefined; release: Cleanup } = {
    reached: 'nothing',
    release: () => {},
  };
  const talk = async (dialogue: Dialogue) => {
    const url = await findAddress(dialogue);
    if (url === undefined) return;
    progress.reached = 'address';
    const ended = untilEnd(dialogue);
    const code = await Promise.race([askCode({ url, problem }, context), ended]);
    if (code === undefined) return;
    // Not sooner: claude may have renewed the login when it started.
    progress.before = await fingerprintIn(home, context, wait);
    progress.release = await keepLogin(home, context, wait);
    progress.reached = 'code';
    dialogue.send(code);
    await ended;
  };
  const { signal } = context;
  const env = { ...QUIET, ...WITHOUT_BROWSER, ...home.env };
  const limits = { signal, timeoutMs: LIMIT_MS, graceMs: GRACE_MS };
  const running = context.pty(program, LOGIN, { env, ...limits, talk });
  const result = await running.finally(() => progress.release());
  const after = await fingerprintIn(home, context, wait);
  const { reached, before } = progress;
  // Only claude reads what it keeps in the keychain.
  const isHidden = platform === 'darwin' && after === undefined;
  const isStored = reached === 'code' && (isHidden ? saysSignedIn(result) : after !== undefined && after !== before);
  return { reached, result, isStored };
}

/** The address that claude shows; undefined if it ends without one. */
async function findAddress({ lines }: Dialogue): Promise<string | undefined> {
  for await (const line of lines) {
    const address = ADDRESS.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  return undefined;
}

async function untilEnd({ lines }: Dialogue): Promise<undefined> {
  for await (const _ of lines);
}

async function fingerprintIn(home: ClaudeHome, context: InspectContext, wait: Wait): Promise<string | undefined> {
  const login = await readLogin(home, context, wait);
  return 'hint' in login || login.blank ? undefined : login.fingerprint;
}
