import { isKeepaliveError } from '../../contract/errors.ts';
import type { RunningProcess } from '../../plugin/process.ts';
import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { isWorthATry, noteSilence, recallSilence } from '../cli/silence.ts';
import { touch, type TouchOptions } from '../cli/touch.ts';
import { hasComeDue } from './define-session.ts';
import type { StoredLogin, TouchMethod, TouchRun } from './session.ts';

/** How the program is started. */
export type ProgramRun = Pick<TouchOptions, 'program' | 'env'>;

/** A command of the owner's program that makes it renew its credential, at no token cost. */
export type OwnerTouch = Pick<TouchOptions, 'args' | 'env' | 'endpoint' | 'verdict' | 'timeoutMs'> & {
  /** Tested with the real program. If it is not, and does nothing a few times over days, it is not run for a week. */
  readonly proven: boolean;
  /** Why this release of the program is only watched; undefined if it may be run. */
  readonly heldBack?: ((run: ProgramRun, context: ProviderContext) => Promise<string | undefined>) | undefined;
  /**
   * Recognizes the owner among the running programs. While it runs, it is left to renew by itself: set this if a
   * refresh token can be used only once.
   */
  readonly isOwner?: ((process: RunningProcess) => boolean) | undefined;
};

/** A touch that runs one command of the owner's program and believes only what the store shows afterwards. */
export const ownerTouch = (commandFor: (context: InspectContext) => OwnerTouch): TouchMethod => ({
  async run(login, context, run) {
    const { isOwner, heldBack, ...command } = commandFor(context);
    const held = await heldBack?.({ program: run.program, env: command.env }, context);
    if (held !== undefined) return run.observe(held);
    const silence = command.proven || context.force ? undefined : await recallSilence(context.files, login);
    if (silence && !isWorthATry(silence, context.now())) return run.observe();
    if (isOwner && (await isRunning(context, isOwner))) {
      const reason = `A running ${run.owner} may be about to renew it itself.`;
      return { status: 'deferred', reason, method: 'touch' };
    }
    return renew(login, context, run, command);
  },
  async note(login, { files }, owner) {
    const silence = await recallSilence(files, login);
    const since = silence && new Date(silence.since).toISOString();
    return since && `${owner} has been started since ${since} to renew it, and left it unchanged.`;
  },
});

async function renew(
  login: StoredLogin,
  context: ProviderContext,
  { observe, ...run }: TouchRun,
  { proven, ...command }: OwnerTouch,
): Promise<RefreshOutcome> {
  const isDue = hasComeDue(login.dueAt, context);
  const options: TouchOptions = {
    ...command,
    ...run,
    ...(proven && { mayBeSilent: { store: login.store } }),
    loginHint: login.signIn,
    unchanged: () => (isDue ? undefined : { status: 'fresh', expiresAt: login.expiresAt }),
  };
  try {
    return await touch(context, options, login);
  } catch (error) {
    if (proven || !isKeepaliveError(error) || error.code !== 'KA_PROGRAM_FAILED') throw error;
    const { tries } = await noteSilence(context.files, login, context.now());
    context.log.warn({ program: run.program, args: command.args, tries }, 'the program did not renew its credential');
    return observe();
  }
}

/** If the processes cannot be listed, the owner counts as running. */
const isRunning = (context: ProviderContext, isOwner: (process: RunningProcess) => boolean): Promise<boolean> =>
  context.processes().then(
    all => all.some(isOwner),
    () => true,
  );
