import { dirname } from 'node:path';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { withTilde } from '../../sdk/system/home.ts';
import { describeExpiry, describeLoginEnd } from '../../sdk/wording/expiry.ts';
import { signInSeparately } from '../../sdk/wording/shared-login.ts';
import { adviceIn } from '../../sdk/wording/sign-in-advice.ts';
import {
  STATUS_LABELS,
  STATUS_TONES,
  statusOf,
  type SessionStatus,
  type StatusTone,
} from '../../sdk/wording/status.ts';
import { relative } from '../../sdk/wording/time.ts';
import type { ContextFactory } from '../plugins/context-factory.ts';
import { error, info, ok, warning, type Findings } from './findings.ts';

/** A session whose credential was inspected. */
export type Inspected = {
  /** As its credential is now. */
  readonly session: Session;
  readonly contexts: Pick<ContextFactory, 'inspect' | 'notify'>;
  /** What its provider found; undefined if the provider cannot inspect. */
  readonly seen: Inspection | { readonly unreadable: string } | undefined;
  readonly userHome: string | undefined;
  readonly now: Instant;
};

type Seen = Omit<Inspected, 'seen'> & { readonly seen: Inspection };

const VERSION_LIMIT_MS = 10_000;
const RESTORE = 'Sign in again with the tool, or restore the file. It is re-read until it is readable.';

/** One finding that says how the session is, and one for each trouble beside that. Shared logins come later. */
export async function checkSession(inspected: Inspected): Promise<Findings> {
  const { session, seen } = inspected;
  if (seen && 'unreadable' in seen)
    return [error(session.id, `The credential cannot be read: ${seen.unreadable}`, RESTORE)];
  if (!seen) return [main(inspected, undefined, undefined)];
  const version = await versionOf({ ...inspected, seen });
  const troubles = [...silentProgram({ ...inspected, seen }, version), ...(await store({ ...inspected, seen }))];
  return [main(inspected, seen, version), ...troubles];
}

const LEVELS: Readonly<Record<StatusTone, typeof ok>> = {
  good: ok,
  pending: info,
  busy: info,
  deferred: info,
  delayed: info,
  offline: info,
  off: info,
  trouble: warning,
  stopped: error,
  login: error,
};

/** How the session is, when it ends, where its credential is, and who renews it. */
function main(
  { session, userHome, now }: Omit<Inspected, 'seen'>,
  seen: Inspection | undefined,
  version: string | undefined,
): Findings[number] {
  const { id, state, expiresAt, loginExpiresAt, lastSuccessAt } = session;
  const status = statusOf(session, now);
  const isOver = state.name === 'halted' && state.why !== 'paused' && lastSuccessAt !== undefined;
  const parts = [
    // The end itself says that.
    status !== 'expired' && status !== 'login-ended' && STATUS_LABELS[status],
    expiresAt !== undefined && describeExpiry(expiresAt, now),
    loginExpiresAt !== undefined && describeLoginEnd(loginExpiresAt, now),
    isOver && `last alive ${relative(lastSuccessAt, now)}`,
    seen && describePlace(seen, userHome),
    seen && describeRenewal(seen, version, userHome),
  ];
  return levelOf(status, seen)(id, parts.filter(Boolean).join(', '), hintOf(session, status, seen));
}

/** What the user can do. If another session keeps the login alive, a separate finding says that. */
function hintOf(session: Session, status: SessionStatus, seen: Inspection | undefined) {
  const { id, shared } = session;
  if (status === 'deferred' && shared && shared.holder !== id) return undefined;
  return (status === 'paused' ? undefined : adviceIn(session)) ?? seen?.hint;
}

function levelOf(status: SessionStatus, seen: Inspection | undefined): typeof ok {
  if (status === 'unavailable') return warning;
  if (status === 'login-ended') return error;
  // A hint about a refresh token that we spend is about the vendor's terms.
  if (status === 'alive' && seen?.method === 'redeem' && seen.hint !== undefined) return warning;
  return LEVELS[STATUS_TONES[status]];
}

function describePlace({ present, store: file }: Inspection, userHome: string | undefined): string {
  const place = file === undefined ? '' : `in ${withTilde(file, userHome)}`;
  return present ? place : `no credential ${place}`.trim();
}

/** With the method `redeem`, we renew it in the place of its program. */
function describeRenewal(
  { present, owner, program, method }: Inspection,
  version: string | undefined,
  userHome: string | undefined,
): string {
  if (!present) return '';
  if (method === 'redeem') return 'renewed by Keepalive';
  if (method === 'observe') return 'only watched';
  if (!owner) return '';
  if (!program) return `renewed by ${owner}, whose program was not found`;
  return `renewed by ${withTilde(program, userHome)}${version ? ` (${version})` : ''}`;
}

/** The first line that the program prints. */
async function versionOf({ session: { id }, contexts, seen: { program, versionArgs } }: Seen): Promise<string> {
  if (program === undefined || versionArgs === undefined) return '';
  const { exec } = contexts.notify({ id }, new AbortController().signal);
  const { stdout } = await exec(program, versionArgs, { timeoutMs: VERSION_LIMIT_MS }).catch(() => ({ stdout: '' }));
  return stdout?.trim().split('\n')[0] ?? '';
}

function silentProgram({ session: { id }, seen, userHome }: Seen, version: string): Findings {
  const { program, versionArgs } = seen;
  if (program === undefined || versionArgs === undefined || version !== '') return [];
  const shown = withTilde(program, userHome);
  return [warning(id, `${shown} does not say its version`, `Run it by hand: ${shown} ${versionArgs.join(' ')}`)];
}

async function store({ session: { id }, contexts, seen, userHome }: Seen): Promise<Findings> {
  if (!seen.present || seen.store === undefined || process.platform === 'win32') return [];
  const { files } = contexts.inspect({ id }, new AbortController().signal);
  const facts = await files.stat(seen.store).catch(() => undefined);
  if (!facts) return [];
  const shown = withTilde(seen.store, userHome);
  if (!facts.writable) {
    const action = 'Check its owner, its mode and the mount it is on';
    return [warning(id, `${shown} cannot be written`, action)];
  }
  // Other users cannot reach a file in a closed folder, such as a browser's profile.
  const folder = await files.stat(dirname(facts.path)).catch(() => undefined);
  const isOpen = (facts.mode & 0o077) !== 0 && ((folder?.mode ?? 0o777) & 0o011) !== 0;
  if (!isOpen) return [];
  const mode = facts.mode.toString(8).padStart(3, '0');
  return [warning(id, `${shown} has mode ${mode}: others can read it`, `chmod 600 ${shown}`)];
}

/** Run this after every session was inspected. */
export function checkSharedLogin({ id, shared }: Session): Findings {
  if (!shared) return [];
  const { session: other, holder, spent = false } = shared;
  if (holder === id) return other.includes('/') ? [copyElsewhere(id, other)] : [];
  const message = spent
    ? `holds a refresh token that may be spent: it held the same login as "${holder}"`
    : `holds the same login as "${holder}", which keeps it alive`;
  return [warning(id, message, signInSeparately(id, holder, spent))];
}

/** The session that waits is on another machine, so no finding here is about it. */
const copyElsewhere = (id: string, other: string): Findings[number] =>
  warning(id, `keeps the same login alive as "${other}" holds, which waits`, signInSeparately(other, id, false));
