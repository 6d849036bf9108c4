import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { ProviderContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { defineSession } from '../../sdk/recipes/session/define-session.ts';
import type { LookContext, NoLogin } from '../../sdk/recipes/session/session.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { dueAt } from '../../sdk/recipes/store/lifetime.ts';
import { accountLabel } from './account.ts';
import { noteOf } from './doubt.ts';
import { claudeHome, credentialFile, otherCredential } from './home.ts';
import { keychainItem, likelyKeychainLogin, readKeychainLogin, signInMark } from './keychain.ts';
import { restoreLogin } from './kept-login.ts';
import { readLogin, WINDOW_MS, type Login } from './login.ts';
import { claudeTokenFile, spend } from './redeem.ts';
import { claudeSignIn } from './sign-in.ts';
import { touchClaude, type ClaudeTouch } from './touch.ts';

const Options = z.strictObject({
  id: z.string().default('claude'),
  /** Claude's folder. [$CLAUDE_CONFIG_DIR, or ~/.claude] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'redeem', 'observe']).default('auto'),
  /** How claude is started: to look for an MCP server, or to show its status in a terminal. */
  touch: z.enum(['mcp', 'status']).default('mcp'),
  /** The claude program: a name on the PATH, or a path. */
  program: z.string().min(1).default('claude'),
});

export type ClaudeOptions = z.input<typeof Options>;

/** Replaced in tests. */
export type ClaudeDeps = {
  readonly wait?: Wait;
  readonly platform?: NodeJS.Platform;
  readonly releases?: ClaudeTouch['releases'];
};

/** Kept alive without a configuration too, if it is found. */
export const autodetect = true;

/** Folders beside it, such as `~/.claude-work`, may hold the logins of other accounts. */
export const usualHome = '~/.claude';

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['platform.claude.com'];

/** Where claude's installers put it. If it is not found, we would spend its refresh token ourselves. */
const USUAL_PROGRAMS = ['~/.local/bin/claude', '~/.claude/local/claude'];

const REDEEM_NOTE =
  "Its refresh token is spent without claude, which Anthropic's terms keep to Claude Code. " +
  'Install claude to have it do that itself.';

/** Keeps Anthropic's Claude Code signed in with a claude.ai account. */
export default function claude(
  options: ClaudeOptions = {},
  { wait = realWait, platform = process.platform, releases }: ClaudeDeps = {},
): ProviderPlugin {
  const { id, home, method, touch: kind, program } = checkOptions(Options, options);

  async function look(context: LookContext): Promise<Login | NoLogin> {
    const at = claudeHome(context, home);
    const other = await otherCredential(at, context);
    if (other) return { hint: other, store: undefined };
    const { exec } = context;
    const kept = exec && platform === 'darwin' ? await readKeychainLogin(at, { ...context, exec }) : undefined;
    const found = kept ?? (await readLogin(at, context, wait));
    // An inspection runs no program, so it cannot ask the keychain.
    const isGuessed = 'hint' in found && !exec && platform === 'darwin';
    const login = (isGuessed ? await likelyKeychainLogin(at, context) : undefined) ?? found;
    if ('hint' in login) return platform === 'darwin' ? { ...login, alsoIn: [keychainItem(at, context)] } : login;
    // An attempt shows no account, so it does not read where it is.
    return exec ? login : { ...login, accountLabel: await accountLabel(at, login.plan, context) };
  }

  const owner = { program, usualPrograms: program === 'claude' ? USUAL_PROGRAMS : [] };
  const session = defineSession<Login>(
    {
      id,
      displayName: id === 'claude' ? 'Claude Code' : `Claude Code (${id})`,
      owner: 'claude',
      ...owner,
      versionArgs: ['--version'],
      // claude may take 45 seconds to be asked to end and another minute to do so. It is never killed before that.
      policy: { schedule: { mode: 'interval', every: '30m' }, refreshBefore: '5m', timeout: '120s' },
      method,
      variables: context => claudeHome(context, home).env,
      look,
      files(context) {
        const at = claudeHome(context, home);
        return [credentialFile(at), ...(platform === 'darwin' ? [signInMark(at, context)] : [])];
      },
      // `redeem` decides for itself, and a missing claude is reported even if nothing is due.
      isDue: (login, context, chosen) => chosen.method === 'redeem' || !chosen.program || isDue(login, context),
      touch: { run: (login, context, run) => touchClaude({ ...run, kind, login, releases }, context), note: noteOf },
      redeem: {
        tokenFile: (login, context) => claudeTokenFile(login, context, wait),
        spend: (login, context, file) => spend({ login, file, context, wait }),
        note: REDEEM_NOTE,
      },
      signIn: claudeSignIn({ home, owner, platform, wait }),
      expired: { reason: 'The access token has expired. Claude renews it when it is next used.' },
    },
    wait,
  );
  return restoring(session, context => restoreLogin(claudeHome(context, home), context, wait));
}

/** Before an attempt, puts back a login that claude lost during a sign-in. */
const restoring = (session: ProviderPlugin, restore: (context: ProviderContext) => Promise<void>): ProviderPlugin => ({
  ...session,
  async refresh(context) {
    await restore(context);
    return session.refresh(context);
  },
});

/** Within claude's own renewal window; a short-lived token seen before, only in the second half of its life. */
function isDue({ renewableAt, expiresAt }: Login, { now, force, last }: ProviderContext): boolean {
  if (renewableAt === undefined || now() < renewableAt) return false;
  return force || now() >= (dueAt({ expiresAt, last }, WINDOW_MS) ?? renewableAt);
}
