import { randomUUID } from 'node:crypto';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { ProviderContext, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import { touch, type TouchOptions, type Unchanged } from '../../sdk/recipes/cli/touch.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { reported } from '../../sdk/recipes/cli/reported.ts';
import { noteEmptied, noteRenewal } from './doubt.ts';
import type { Login } from './login.ts';
import { locksOf, type Place } from './place.ts';
import { ENDPOINT } from './redeem.ts';
import type { Release, TouchKind } from './releases.ts';

const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' };

/** claude gives its vendor 30 seconds, and other claudes 10. With the minute before it is killed, this is within the time limit of an attempt. */
const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 500;

export type Toucher = {
  readonly kind: TouchKind;
  readonly program: string;
  readonly release: Release;
  /** The release, and how it is started, unless that is known to renew. */
  readonly unproven: string | undefined;
  readonly place: Place;
  readonly read: TouchOptions['read'];
  readonly wait: Wait;
};

/** Has claude renew its own login, and remembers of a release that nobody has tried whether it can. */
export async function touchClaude(toucher: Toucher, context: ProviderContext, login: Login): Promise<RefreshOutcome> {
  const { kind, program, unproven, place, read, wait } = toucher;
  const spec = {
    program,
    read,
    wait,
    loginHint: place.loginHint,
    endpoint: ENDPOINT,
    timeoutMs: PATIENCE_MS,
    env: { ...QUIET, ...place.env },
    unchanged: (result: ExecResult) => explain(toucher, context, login, result),
    // It does not report a 5xx, and its vendor still answers a HEAD during one.
    // Only time tells an outage from a touch without effect.
    mayBeSilent: { store: login.store, by: unproven },
  };
  const talk = (dialogue: Dialogue) => untilRenewed(toucher, login, dialogue);
  const outcome =
    kind === 'mcp'
      ? await touch(context, { ...spec, args: askForServer() }, login)
      : await touch({ ...context, exec: context.pty }, { ...spec, args: SHOW_STATUS, talk }, login);
  const { loginExpiresAt } = login;
  const hasEnded = loginExpiresAt && loginExpiresAt.getTime() <= context.now();
  const isToBlame = outcome.status === 'login-required' && !hasEnded;
  if (unproven !== undefined && isToBlame) await noteEmptied(context, login, unproven);
  if (outcome.status !== 'refreshed') return outcome;
  if (unproven !== undefined) await noteRenewal(context.files, unproven);
  // Older releases drop the date when they renew; that never moves it.
  return { ...outcome, loginExpiresAt: outcome.loginExpiresAt ?? loginExpiresAt };
}

/** The cheapest thing to ask for. It is waited with until the renewal is written down, and no server is started. */
const askForServer = () => ['--debug-to-stderr', 'mcp', 'get', `keepalive-${randomUUID()}`];

/** Started in an empty folder, it renews at once, and then asks whether the folder can be trusted; nobody answers. */
const SHOW_STATUS = ['--strict-mcp-config', '--settings', '{"disableAllHooks":true}', '/status'];

/** Stays until what claude wrote has settled: to leave before would lose it. */
async function untilRenewed({ read, wait }: Toucher, before: Login, { lines }: Dialogue): Promise<void> {
  const ended = (async () => {
    for await (const _ of lines);
    return true;
  })();
  let last: string | undefined = before.fingerprint;
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    if ((await Promise.race([ended, wait(LOOK_EVERY_MS)])) === true) return;
    const now = (await read())?.fingerprint;
    if (now === last && now !== before.fingerprint) return;
    last = now;
  }
}

async function explain(
  { place, release }: Toucher,
  context: ProviderContext,
  { kept }: Login,
  { stderr }: ExecResult,
): Promise<Unchanged> {
  const status = [...stderr.matchAll(/OAuth refresh failed.*status code (\d{3})/g)].at(-1)?.[1];
  const said = reported('claude', Number(status));
  if (said !== undefined) return said;
  const locks = await Promise.all((await locksOf(place, context)).map(lock => context.files.stat(lock)));
  const until = Math.max(...locks.map(lock => (lock ? lock.modifiedAt + release.lockStaleMs : 0)));
  if (until > context.now())
    return {
      status: 'deferred',
      until: new Date(until),
      reason: 'Another claude is renewing it, or ended while it did.',
    };
  if (kept === 'keychain')
    return {
      status: 'deferred',
      reason: `claude found nothing to renew. If it asks you to sign in: ${place.loginHint}`,
    };
  return undefined;
}
