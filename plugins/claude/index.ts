import { join } from 'node:path';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
  type RefreshOutcome,
} from '../../sdk/plugin/provider.ts';
import { findProgram } from '../../sdk/recipes/cli/touch.ts';
import { dueAt } from '../../sdk/recipes/store/lifetime.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { noteOf, recallDoubt, findUnproven } from './doubt.ts';
import { likelyItem, lookAtKeychain } from './keychain.ts';
import { lookAtLogin, WINDOW_MS, type Login, type NoLogin } from './login.ts';
import { otherCredential, placeIn, type Place } from './place.ts';
import { emptied, recover, spend } from './redeem.ts';
import { askVersion, releaseOf } from './releases.ts';
import { touchClaude } from './touch.ts';

const Options = z.strictObject({
  id: z.string().default('claude'),
  /** Claude's folder. [$CLAUDE_CONFIG_DIR, or ~/.claude] */
  home: z.string().min(1).optional(),
  method: z.enum(['auto', 'touch', 'redeem', 'observe']).default('auto'),
  /** What claude is started for: to look for an MCP server, or to show its status in a terminal. */
  touch: z.enum(['mcp', 'status']).default('mcp'),
  /** The claude program: a name on the PATH, or a path. */
  program: z.string().min(1).default('claude'),
});

export type ClaudeOptions = z.input<typeof Options>;

/** What the provider stands on besides its context. */
export type Ground = { readonly wait?: Wait; readonly platform?: NodeJS.Platform };

/** Kept alive without a configuration too, where it is found. */
export const autodetect = true;

/** Keeps Anthropic's Claude Code signed in with a claude.ai account. */
export default function claude(
  options: ClaudeOptions = {},
  { wait = realWait, platform = process.platform }: Ground = {},
): ProviderPlugin {
  const { id, home, method, touch: kind, program } = checkOptions(Options, options);
  const find = async (context: InspectContext) => {
    for (const place of program === 'claude' ? [program, ...USUAL_PROGRAMS] : [program]) {
      const found = await findProgram(place, context);
      if (found) return found;
    }
    return undefined;
  };
  const choose = (found: string | undefined) => (method === 'auto' ? (found ? 'touch' : 'redeem') : method);

  const look = async (place: Place, context: ProviderContext): Promise<Login | NoLogin> =>
    (platform === 'darwin' ? await lookAtKeychain(place, context) : undefined) ?? lookAtLogin(place, context, wait);

  async function touch(place: Place, login: Login, found: string, context: ProviderContext): Promise<RefreshOutcome> {
    const release = releaseOf(await askVersion(found, place, context));
    const unproven = await findUnproven(context.files, release, kind);
    const doubt = unproven && (await recallDoubt(context, login, unproven));
    if (doubt) {
      context.log.warn(
        { version: release.version },
        'this claude cannot be made to renew its login and is only watched',
      );
      return observe(login, context, doubt);
    }
    const read = async () => {
      const now = await look(place, context);
      return 'hint' in now ? undefined : now;
    };
    return touchClaude({ kind, program: found, release, unproven, place, read, wait }, context, login);
  }

  return defineProvider({
    id,
    displayName: id === 'claude' ? 'Claude Code' : `Claude Code (${id})`,
    // claude may take three quarters of a minute to be told to end and another minute to do so, and is never killed before that.
    policy: { schedule: { mode: 'interval', every: '30m' }, refreshBefore: '5m', timeout: '120s' },

    async refresh(context) {
      context.signal.throwIfAborted();
      const place = placeIn(context, home);
      const other = await otherCredential(place, context);
      if (other) return { status: 'unavailable', hint: other };
      const login = await look(place, context);
      if ('hint' in login) return { status: 'unavailable', hint: login.hint };
      const found = await find(context);
      const chosen = choose(found);
      if (login.blank) return emptied(place, chosen);
      if (login.renewableAt === undefined) return observeToken(place, login, context.now());
      if (chosen === 'observe')
        return observe(login, context, 'The access token has expired. Claude renews it when it is next used.');
      if (login.kept === 'file') {
        const recovered = await recover(place, login, context, wait);
        if (recovered.status !== 'fresh') return recovered;
      }
      if (chosen === 'redeem') {
        if (login.kept === 'file') return spend(place, login, context, wait);
        return {
          status: 'unavailable',
          hint: `Only claude can renew what is in ${login.store}. ${install(program)}`,
          method: chosen,
        };
      }
      if (!found) return { status: 'unavailable', hint: `There is no ${program}. ${install(program)}`, method: chosen };
      return isDue(login, context)
        ? touch(place, login, found, context)
        : { status: 'fresh', ...timesOf(login), method: chosen };
    },

    async inspect(context) {
      const place = placeIn(context, home);
      const [other, login, found] = await Promise.all([
        otherCredential(place, context),
        lookAtLogin(place, context, wait),
        find(context),
      ]);
      const isToken = !('hint' in login) && !login.blank && login.renewableAt === undefined;
      const way = isToken ? 'observe' : choose(found);
      const known = { owner: 'claude', program: found, versionArgs: ['--version'], method: way };
      if (other) return { present: false, ...known, hint: other };
      if (!('hint' in login)) {
        const { store, blank, fingerprint, refreshFingerprint } = login;
        if (isToken) return { present: true, store, ...known, ...timesOf(login), fingerprint, hint: NOT_RENEWABLE };
        const note = way === 'redeem' ? REDEEM_HINT : ((await noteOf(context, login)) ?? place.note);
        const hint = blank ? place.loginHint : note;
        return {
          present: true,
          store,
          ...known,
          ...timesOf(login),
          loginEndIsFixed: true,
          fingerprint,
          refreshFingerprint,
          hint,
        };
      }
      const item = platform === 'darwin' ? await likelyItem(place, context) : undefined;
      if (item) return { present: true, store: item, ...known, hint: 'When it ends cannot be seen.' };
      return { present: false, store: join(place.home, '.credentials.json'), ...known, hint: login.hint };
    },

    watch: (context, changed) => context.files.watch(join(placeIn(context, home).home, '.credentials.json'), changed),
  });
}

/** Where claude's installers put it. The PATH of a service often leaves these out, and without claude its refresh token would be spent by us. */
const USUAL_PROGRAMS = ['~/.local/bin/claude', '~/.claude/local/claude'];

const timesOf = ({ expiresAt, loginExpiresAt }: Login) => ({ expiresAt, loginExpiresAt });

/** Whether claude would renew it now. What is new to us and short-lived is, what we know from before in the second half of its life. */
function isDue({ renewableAt, expiresAt }: Login, { now, force, last }: ProviderContext): boolean {
  if (renewableAt === undefined || now() < renewableAt) return false;
  return force || now() >= (dueAt({ expiresAt, last }, WINDOW_MS) ?? renewableAt);
}

/** A token that nothing renews is good until its own end, which is the end of the login. */
function observeToken({ loginHint }: Place, login: Login, now: number): RefreshOutcome {
  const { loginExpiresAt } = login;
  if (!loginExpiresAt || loginExpiresAt.getTime() > now)
    return { status: 'fresh', ...timesOf(login), method: 'observe' };
  return { status: 'login-required', hint: loginHint, proof: ENDED, method: 'observe' };
}

const ENDED = 'The token has expired, and there is no refresh token to renew it with.';

const NOT_RENEWABLE =
  'It has no refresh token, as after `claude setup-token`: nothing renews it, and when it ends you have to sign in again.';

/** Looks and reminds. */
const observe = (login: Login, { now }: ProviderContext, reason: string): RefreshOutcome =>
  login.expiresAt && login.expiresAt.getTime() <= now()
    ? { status: 'deferred', reason, method: 'observe' }
    : { status: 'fresh', ...timesOf(login), method: 'observe' };

const install = (program: string) => `Install ${program}, or give its path as the option "program".`;

const REDEEM_HINT =
  "Its refresh token is spent without claude, which Anthropic's terms keep to Claude Code. Install claude to have it do that itself.";
