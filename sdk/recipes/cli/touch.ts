import { KeepaliveError, offline } from '../../contract/errors.ts';
import type { ExecOptions, ExecResult } from '../../plugin/process.ts';
import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { staleAt } from '../store/held-lock.ts';
import { intercepted, interceptionOf } from '../http/intercepted.ts';
import { realWait, type Wait } from '../store/json-store.ts';
import { noteSilence } from './silence.ts';

/** A credential in its store, at one moment. */
export type StoreReading = {
  /** A hash that differs if the credential differs. Empty if it cannot be seen. */
  readonly fingerprint: string;
  readonly expiresAt?: Date | undefined;
  readonly loginExpiresAt?: Date | undefined;
  /** The owner has emptied the store, because its vendor ended the login. */
  readonly blank?: boolean | undefined;
};

/** A command of the vendor's program that makes it renew its own credential, at no token cost. */
export type TouchOptions = Pick<ExecOptions, 'env' | 'talk' | 'timeoutMs'> & {
  readonly program: string;
  readonly args: readonly string[];
  /** Reads the store; undefined if there is no credential. */
  readonly read: () => Promise<StoreReading | undefined>;
  /** A directory lock, held while the program runs, so that two of our processes never run it at the same time. */
  readonly lock?: string | undefined;
  /** What the user does to sign in again, as a sentence. */
  readonly loginHint: string;
  /** Explains an unchanged store by the program's output; undefined if the output does not. May throw `KA_OFFLINE`. */
  readonly unchanged?: ((result: ExecResult) => Unchanged | Promise<Unchanged>) | undefined;
  /** An outcome that the program's output proves, regardless of the store. */
  readonly verdict?: ((result: ExecResult) => RefreshOutcome | undefined) | undefined;
  /** An address of the vendor. A HEAD request to it distinguishes a failing program from a missing network. */
  readonly endpoint?: string | undefined;
  /** For a program that doesn't report its vendor's outages: an unchanged store is no failure of the session. */
  readonly mayBeSilent?: { readonly store: string; readonly by?: string | undefined } | undefined;
  readonly wait?: Wait | undefined;
};

/** Why a store did not change: an outcome, or a reason to show. */
export type Unchanged = RefreshOutcome | string | undefined;

/** Finds the program that an option names: a name on the PATH, or a path. */
export const findProgram = (program: string, { which, files }: InspectContext): Promise<string | undefined> =>
  which(/[\\/]/.test(program) ? files.resolve(program) : program);

/** How long a program gets to end. If it is killed before it has stored a rotated token, the token is lost. */
const GRACE_MS = 60_000;
const LOCK_STALE_MS = 60_000;
const SETTLE_MS = 6_000;
const LOOK_EVERY_MS = 250;
/** After this time without a renewal and without a valid credential, the user is notified. */
const LONG_MS = 6 * 3_600_000;

/**
 * Runs the command, and believes what the store shows once it has settled, never the exit code. `before` is the reading
 * that was due.
 */
export async function touch(
  context: ProviderContext,
  spec: TouchOptions,
  before: StoreReading,
): Promise<RefreshOutcome> {
  context.signal.throwIfAborted();
  if (spec.lock === undefined) return run(context, spec, before);
  const release = await context.files.lock(spec.lock, { staleMs: LOCK_STALE_MS });
  if (!release) {
    const until = await staleAt(context, spec.lock, LOCK_STALE_MS);
    return {
      status: 'deferred',
      until,
      reason: 'Another Keepalive process is renewing the credential.',
      method: 'touch',
    };
  }
  try {
    return await run(context, spec, before);
  } finally {
    await release();
  }
}

async function run(context: ProviderContext, spec: TouchOptions, before: StoreReading): Promise<RefreshOutcome> {
  const { program, args, read, loginHint, env, talk, timeoutMs } = spec;
  const now = await read();
  if (now && now.fingerprint !== before.fingerprint && !now.blank)
    return { status: 'fresh', ...times(now), method: 'touch' };
  // Without the signal: a program that runs is left to finish.
  const result = await context.exec(program, args, { env, talk, timeoutMs, graceMs: GRACE_MS });
  const verdict = spec.verdict?.(result);
  if (verdict) return { ...verdict, method: 'touch' };
  const after = await settle(read, before, spec.wait ?? realWait);
  if (!after) return { status: 'unavailable', hint: loginHint, method: 'touch' };
  if (after.blank)
    return {
      status: 'login-required',
      hint: loginHint,
      proof: 'The program emptied its own credential.',
      method: 'touch',
    };
  if (after.fingerprint === before.fingerprint) return explainUnchanged(context, spec, before, result);
  if (before.expiresAt && after.expiresAt && after.expiresAt <= before.expiresAt) {
    throw new KeepaliveError('KA_INEFFECTIVE', {
      program,
      before: before.expiresAt.toISOString(),
      after: after.expiresAt.toISOString(),
    });
  }
  return { status: 'refreshed', ...times(after), method: 'touch' };
}

const times = ({ expiresAt, loginExpiresAt }: StoreReading) => ({ expiresAt, loginExpiresAt });

/** Another program that renews the credential at the same time may need a few seconds to store it. */
async function settle(read: TouchOptions['read'], before: StoreReading, wait: Wait): Promise<StoreReading | undefined> {
  let last = await read();
  for (let waited = 0; waited < SETTLE_MS; waited += LOOK_EVERY_MS) {
    await wait(LOOK_EVERY_MS);
    const next = await read();
    if (next?.fingerprint === last?.fingerprint && next?.fingerprint !== before.fingerprint) return next;
    last = next;
  }
  return last;
}

async function explainUnchanged(
  context: ProviderContext,
  spec: TouchOptions,
  before: StoreReading,
  result: ExecResult,
): Promise<RefreshOutcome> {
  const { program, endpoint, mayBeSilent, loginHint } = spec;
  const outcome = await spec.unchanged?.(result);
  if (outcome && typeof outcome !== 'string') return { ...outcome, method: 'touch' };
  if (outcome === undefined && endpoint) await assertReachable(context, endpoint);
  const reason = outcome ?? (result.timedOut ? 'It did not end in time.' : 'The credential did not change.');
  if (mayBeSilent) {
    const { fingerprint, expiresAt } = before;
    const { since } = await noteSilence(context.files, { ...mayBeSilent, fingerprint }, context.now());
    const hasLapsed = context.now() >= Math.max(since, expiresAt?.getTime() ?? 0) + LONG_MS;
    if (!hasLapsed) throw offline({ program, reason: outcome ?? `${reason} The program does not say why.` });
    throw new KeepaliveError('KA_NOT_RENEWED', { program, since: new Date(since).toISOString(), reason });
  }
  throw new KeepaliveError('KA_PROGRAM_FAILED', { program, exitCode: result.exitCode, reason, hint: loginHint });
}

async function assertReachable({ fetch, signal }: ProviderContext, endpoint: string): Promise<void> {
  const { host } = new URL(endpoint);
  const status = await fetch(endpoint, { method: 'HEAD', redirect: 'manual', signal }).then(
    response => response.status,
    (error: unknown) => {
      throw offline({ host }, error);
    },
  );
  const reason = interceptionOf({ status, text: '' }, true);
  if (reason !== undefined) throw intercepted({ host, status, reason });
  if (status >= 500) throw offline({ host, status });
}
