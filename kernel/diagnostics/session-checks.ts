import { dirname } from 'node:path';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { Session, SessionRecord } from '../../sdk/contract/session.ts';
import { signInSeparately } from '../../sdk/wording/shared-login.ts';
import type { ContextFactory } from '../plugins/context-factory.ts';
import { error, ok, warning, type Findings } from './findings.ts';

/** A session whose credential was inspected. */
export type Inspected = {
  readonly id: string;
  readonly record: Pick<SessionRecord, 'state' | 'lastSuccessAt'>;
  readonly contexts: Pick<ContextFactory, 'inspect' | 'notify'>;
  /** What its provider found; undefined if the provider cannot inspect. */
  readonly seen: Inspection | { readonly unreadable: string } | undefined;
};

type Check = (session: Omit<Inspected, 'seen'> & { readonly seen: Inspection }) => Findings | Promise<Findings>;

const VERSION_LIMIT_MS = 10_000;
const RESTORE = 'Sign in again with the tool, or restore the file. It is re-read until it is readable.';

/** All checks of one session, except for shared logins. */
export async function checkSession(session: Inspected): Promise<Findings> {
  const { id, seen } = session;
  if (seen && 'unreadable' in seen) return [error(id, `The credential cannot be read: ${seen.unreadable}`, RESTORE)];
  const found = seen ? await Promise.all([credential, version, store].map(check => check({ ...session, seen }))) : [];
  return [...found.flat(), ...halted(session)];
}

const credential: Check = ({ id, seen }) => {
  const { present, store: file, method, expiresAt, hint } = seen;
  const isOver = expiresAt !== undefined && expiresAt.getTime() <= Date.now();
  const parts = [
    `${present ? 'credential present' : 'no credential'}${file ? ` in ${file}` : ''}`,
    describeOwner(seen),
    method && `method ${method}`,
    expiresAt && `${isOver ? 'expired' : 'expires'} ${expiresAt.toISOString()}`,
  ];
  const level = present && !isOver ? ok : warning;
  return [level(id, parts.filter(Boolean).join(', '), hint)];
};

/** The program that the credential belongs to. With the method `redeem`, we renew it in its place. */
function describeOwner({ owner, program, method }: Inspection): string | undefined {
  if (!owner) return undefined;
  const place = program ? ` (${program})` : ', whose program was not found';
  return `${method === 'redeem' ? 'owned' : 'renewed'} by ${owner}${place}`;
}

const version: Check = async ({ id, contexts, seen: { owner, program, versionArgs } }) => {
  if (program === undefined || versionArgs === undefined) return [];
  const { exec } = contexts.notify({ id }, new AbortController().signal);
  const { stdout } = await exec(program, versionArgs, { timeoutMs: VERSION_LIMIT_MS }).catch(() => ({ stdout: '' }));
  const printed = stdout?.trim().split('\n')[0];
  if (printed) return [ok(id, `the program ${owner ?? program} is ${printed}`)];
  return [warning(id, `${program} does not say its version`, `Run it by hand: ${program} ${versionArgs.join(' ')}`)];
};

const store: Check = async ({ id, contexts, seen }) => {
  if (!seen.present || seen.store === undefined || process.platform === 'win32') return [];
  const { files } = contexts.inspect({ id }, new AbortController().signal);
  const facts = await files.stat(seen.store).catch(() => undefined);
  if (!facts) return [];
  if (!facts.writable) {
    const action = 'Check its owner, its mode and the mount it is on';
    return [warning(id, `${seen.store} cannot be written`, action)];
  }
  const mode = facts.mode.toString(8).padStart(3, '0');
  // Other users cannot reach a file in a closed folder, such as a browser's profile.
  const folder = await files.stat(dirname(facts.path)).catch(() => undefined);
  const isOpen = (facts.mode & 0o077) !== 0 && ((folder?.mode ?? 0o777) & 0o011) !== 0;
  if (!isOpen) return [ok(id, `${seen.store} has mode ${mode}`)];
  return [warning(id, `${seen.store} has mode ${mode}: others can read it`, `chmod 600 ${seen.store}`)];
};

function halted({ id, record: { state, lastSuccessAt } }: Inspected): Findings {
  if (state.name !== 'halted' || state.why === 'paused') return [];
  const until = lastSuccessAt === undefined ? '' : `; it was kept alive until ${new Date(lastSuccessAt).toISOString()}`;
  const level = state.why === 'unavailable' ? warning : error;
  return [level(id, `halted: ${state.why}${until}`, state.hint)];
}

/** Run this after every session was inspected. */
export function checkSharedLogin({ id, shared }: Session): Findings {
  if (!shared || shared.holder === id) return [];
  const { holder, spent = false } = shared;
  const message = spent
    ? `holds a refresh token that may be spent: it held the same login as "${holder}"`
    : `holds the same login as "${holder}", which keeps it alive`;
  return [warning(id, message, signInSeparately(id, holder, spent))];
}
