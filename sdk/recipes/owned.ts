import type { Duration } from '../contract/duration.ts';
import { isKeepaliveError } from '../contract/errors.ts';
import type { RunningProcess } from '../plugin/process.ts';
import {
  defineProvider,
  type InspectContext,
  type ProviderContext,
  type ProviderPlugin,
  type RefreshOutcome,
} from '../plugin/provider.ts';
import { findProgram, touch, type StoreReading, type Touch } from './cli/cli.ts';
import { realWait, type Wait } from './store/json-store.ts';
import { isWorthATry, noteSilence, recallSilence } from './cli/silence.ts';

/** A credential in a store that its owner alone writes. */
export type OwnedLogin = StoreReading & {
  /** Where it is: a path, or a description. */
  readonly store: string;
  /** Of the refresh token alone, if that can be used only once. */
  readonly refreshFingerprint?: string | undefined;
  /** When its owner would renew it, in milliseconds since the epoch; undefined where nothing tells. */
  readonly dueAt?: number | undefined;
  /** What the user should know about it. */
  readonly note?: string | undefined;
};

/** Nothing to keep alive, and what to do about it. */
export type NoLogin = {
  readonly hint: string;
  /** There is a store, but its owner has emptied it. */
  readonly blank?: boolean | undefined;
};

/** How the owner is made to renew its own credential. */
export type OwnerTouch = Pick<Touch, 'args' | 'env' | 'endpoint' | 'verdict'> & {
  /** Tested with the real program. Otherwise, if it does nothing a few times over days, it is not run for a week. */
  readonly proven: boolean;
};

/** A session whose credential a vendor's program owns and renews. */
export type OwnedSession = {
  readonly id: string;
  readonly displayName: string;
  /** What the owner is called. */
  readonly owner: string;
  /** Its program: a name on the PATH, or a path. */
  readonly program: string;
  readonly every: Duration;
  readonly method: 'auto' | 'touch' | 'observe';
  /** What a person does where the login is over. */
  readonly signIn: string;
  readonly look: (
    context: InspectContext & Partial<Pick<ProviderContext, 'last' | 'refreshBefore'>>,
    wait: Wait,
  ) => Promise<OwnedLogin | NoLogin>;
  /** The file that changes when the credential does. */
  readonly file: (context: InspectContext) => string;
  /** Undefined where nothing makes it renew. */
  readonly touch?: ((context: InspectContext) => OwnerTouch) | undefined;
  /** Whether this is the owner at work: it renews a token that is good once by itself then. */
  readonly isOwner?: ((process: RunningProcess) => boolean) | undefined;
};

const LOOK_AGAIN_MS = 3_600_000;

/** A provider that has the owner renew the credential where that is due, and otherwise looks and reminds. */
export function defineOwned(session: OwnedSession, wait: Wait = realWait): ProviderPlugin {
  const { id, displayName, owner, program, every, method, signIn, look, file } = session;
  const choose = (found: string | undefined) =>
    method === 'auto' ? (found && session.touch ? 'touch' : 'observe') : method;

  async function renew(
    context: ProviderContext,
    login: OwnedLogin,
    found: string,
    how: OwnerTouch,
    isDue: boolean,
  ): Promise<RefreshOutcome> {
    const read = async () => {
      const now = await look(context, wait);
      if (!('hint' in now)) return now;
      return now.blank ? { fingerprint: '', blank: true } : undefined;
    };
    const { proven, ...given } = how;
    try {
      return await touch(
        context,
        {
          ...given,
          ...(proven && { mayBeSilent: { store: login.store } }),
          program: found,
          read,
          wait,
          loginHint: signIn,
          lock: `${context.files.resolve(file(context))}.keepalive`,
          unchanged: () => (isDue ? undefined : { status: 'fresh', expiresAt: login.expiresAt }),
        },
        login,
      );
    } catch (error) {
      if (proven || !isKeepaliveError(error) || error.code !== 'KA_PROGRAM_FAILED') throw error;
      const { tries } = await noteSilence(context.files, login, context.now());
      context.log.warn({ program, args: given.args, tries }, 'the program did not renew its credential');
      return observe(owner, login, context.now());
    }
  }

  return defineProvider({
    id,
    displayName,
    // The owner may take a minute to be told to end and another one to do so, and is never killed before that.
    policy: { schedule: { mode: 'interval', every }, timeout: '150s' },

    async refresh(context) {
      const login = await look(context, wait);
      if ('hint' in login) return { status: 'unavailable', hint: login.hint };
      const found = await findProgram(program, context);
      const chosen = choose(found);
      if (chosen === 'observe' || !session.touch) return observe(owner, login, context.now());
      const isDue = login.dueAt === undefined ? context.reason !== 'changed' : context.now() >= login.dueAt;
      if (!isDue && !context.force) return { status: 'fresh', expiresAt: login.expiresAt, method: chosen };
      if (!found)
        return {
          status: 'unavailable',
          hint: `There is no ${program}. Install it, or give its path as the option "program".`,
          method: chosen,
        };
      const how = session.touch(context);
      const silence = how.proven || context.force ? undefined : await recallSilence(context.files, login);
      if (silence && !isWorthATry(silence, context.now())) return observe(owner, login, context.now());
      if (session.isOwner && (await isAtWork(context, session.isOwner))) {
        return { status: 'deferred', reason: `A running ${owner} may be about to renew it itself.`, method: chosen };
      }
      return renew(context, login, found, how, isDue);
    },

    async inspect(context) {
      const [login, found] = await Promise.all([look(context, wait), findProgram(program, context)]);
      const known = { owner, program: found, method: choose(found) };
      if ('hint' in login)
        return { present: false, store: context.files.resolve(file(context)), ...known, hint: login.hint };
      const { store, expiresAt, fingerprint, refreshFingerprint, note } = login;
      const silence = await recallSilence(context.files, login);
      const since = silence && new Date(silence.since).toISOString();
      const hint = since ? `${owner} has been started since ${since} to renew it, and left it unchanged.` : note;
      return { present: true, store, ...known, expiresAt, fingerprint, refreshFingerprint, hint };
    },

    watch: (context, changed) => context.files.watch(file(context), changed),
  });
}

/** Looks and reminds. An access token that lapsed is no login that ended. */
const observe = (owner: string, { expiresAt }: OwnedLogin, now: number): RefreshOutcome =>
  expiresAt && expiresAt.getTime() <= now
    ? {
        status: 'deferred',
        until: new Date(now + LOOK_AGAIN_MS),
        reason: `It has expired. ${owner} renews it when it is next used.`,
        method: 'observe',
      }
    : { status: 'fresh', expiresAt, method: 'observe' };

/** Where that cannot be told, it is. */
const isAtWork = (context: ProviderContext, isOwner: (process: RunningProcess) => boolean): Promise<boolean> =>
  context.processes().then(
    all => all.some(isOwner),
    () => true,
  );
