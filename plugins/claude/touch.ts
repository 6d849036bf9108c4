import { randomUUID } from 'node:crypto';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { heldBack } from '../../sdk/recipes/cli/held-back.ts';
import { reported } from '../../sdk/recipes/cli/reported.ts';
import { touch, type Unchanged } from '../../sdk/recipes/cli/touch.ts';
import type { TouchRun } from '../../sdk/recipes/session/session.ts';
import type { Release as Row } from '../../sdk/vendors/releases.ts';
import { findUnproven, noteEmptied, noteRenewal, recallDoubt } from './doubt.ts';
import { locksOf, QUIET } from './home.ts';
import type { Login } from './login.ts';
import { ENDPOINT } from './redeem.ts';
import { askVersion, releaseOf, type Release, type TouchKind } from './releases.ts';

/**
 * claude waits 30 seconds for its vendor, and 10 for other claudes. With the minute before it is killed, this is within
 * the time limit of an attempt.
 */
const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 500;

export type ClaudeTouch = Omit<TouchRun, 'owner' | 'lock'> & {
  readonly kind: TouchKind;
  readonly login: Login;
  /** What is believed of releases. [the table] */
  readonly releases?: readonly Row[] | undefined;
};

/** Makes claude renew its own login, unless we doubt that this release can. */
export async function touchClaude(options: ClaudeTouch, context: ProviderContext): Promise<RefreshOutcome> {
  const { kind, login, program, observe, releases } = options;
  const release = releaseOf(await askVersion(program, login.home, context), kind, releases);
  if (release.verdict === 'held-back') {
    context.log.warn(release, 'this release of claude is held back, so it is only watched');
    return observe(heldBack('claude', release.version));
  }
  const unproven = await findUnproven(context.files, release, kind);
  const doubt = unproven && (await recallDoubt(context, login, unproven));
  if (doubt) {
    const { version } = release;
    context.log.warn({ version }, 'this claude cannot be made to renew its login and is only watched');
    return observe(doubt);
  }
  const outcome = await start(options, context, release, unproven);
  return unproven === undefined ? dated(outcome, login) : noteResult(outcome, login, unproven, context);
}

/** Remembers of a release that is not in our table whether it works. */
async function noteResult(
  outcome: RefreshOutcome,
  login: Login,
  unproven: string,
  context: ProviderContext,
): Promise<RefreshOutcome> {
  const hasEnded = login.loginExpiresAt && login.loginExpiresAt.getTime() <= context.now();
  if (outcome.status === 'login-required' && !hasEnded) await noteEmptied(context, login, unproven);
  if (outcome.status === 'refreshed') await noteRenewal(context.files, unproven);
  return dated(outcome, login);
}

/** Older releases drop the end of the login when they renew. A renewal never moves it. */
const dated = (outcome: RefreshOutcome, { loginExpiresAt }: Login): RefreshOutcome =>
  outcome.status === 'refreshed' ? { ...outcome, loginExpiresAt: outcome.loginExpiresAt ?? loginExpiresAt } : outcome;

function start(
  options: ClaudeTouch,
  context: ProviderContext,
  release: Release,
  unproven: string | undefined,
): Promise<RefreshOutcome> {
  const { kind, login, program, read, wait } = options;
  const spec = {
    program,
    read,
    wait,
    loginHint: login.signIn,
    endpoint: ENDPOINT,
    timeoutMs: PATIENCE_MS,
    env: { ...QUIET, ...login.home.env },
    unchanged: (result: ExecResult) => explain(login, release, context, result),
    // claude doesn't report a 5xx, and its vendor still answers a HEAD during one.
    // Only time distinguishes an outage from a touch without effect.
    mayBeSilent: { store: login.store, by: unproven },
  };
  if (kind === 'mcp') return touch(context, { ...spec, args: askForServer() }, login);
  const talk = (dialogue: Dialogue) => untilRenewed(options, dialogue);
  return touch({ ...context, exec: context.pty }, { ...spec, args: SHOW_STATUS, talk }, login);
}

/** The cheapest request: claude ends only after the renewal is stored, and starts no server. */
const askForServer = () => ['--debug-to-stderr', 'mcp', 'get', `keepalive-${randomUUID()}`];

/** In an empty folder, claude renews at once and then asks whether to trust the folder. It gets no answer. */
const SHOW_STATUS = ['--strict-mcp-config', '--settings', '{"disableAllHooks":true}', '/status'];

/** Waits until the store has settled. If claude ended earlier, the new token would be lost. */
async function untilRenewed({ read, wait, login }: ClaudeTouch, { lines }: Dialogue): Promise<void> {
  const ended = (async () => {
    for await (const _ of lines);
    return true;
  })();
  let last: string | undefined = login.fingerprint;
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    if ((await Promise.race([ended, wait(LOOK_EVERY_MS)])) === true) return;
    const now = (await read())?.fingerprint;
    if (now === last && now !== login.fingerprint) return;
    last = now;
  }
}

/** Why the login did not change: a refusal that claude printed, a lock of another claude, or the keychain. */
async function explain(
  { home, kept, signIn }: Login,
  release: Release,
  context: ProviderContext,
  { stderr }: ExecResult,
): Promise<Unchanged> {
  const status = [...stderr.matchAll(/OAuth refresh failed.*status code (\d{3})/g)].at(-1)?.[1];
  const explained = reported('claude', Number(status));
  if (explained !== undefined) return explained;
  const locks = await Promise.all((await locksOf(home, context)).map(lock => context.files.stat(lock)));
  const until = Math.max(...locks.map(lock => (lock ? lock.modifiedAt + release.lockStaleMs : 0)));
  if (until > context.now()) {
    const reason = 'Another claude is renewing it, or ended while it did.';
    return { status: 'deferred', until: new Date(until), reason };
  }
  if (kept === 'file') return undefined;
  return { status: 'deferred', reason: `claude found nothing to renew. If it asks you to sign in: ${signIn}` };
}
