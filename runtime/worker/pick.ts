import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { outcomeProblem } from '../../sdk/contract/outcome.ts';
import type { Inspection, RefreshOutcome } from '../../sdk/plugin/provider.ts';

const MAX_TEXT = 2_000;

type KeysOf<T> = T extends unknown ? keyof T : never;

const OUTCOME: Readonly<Record<KeysOf<RefreshOutcome>, true>> = {
  status: true,
  method: true,
  expiresAt: true,
  loginExpiresAt: true,
  until: true,
  reason: true,
  retryAt: true,
  hint: true,
  proof: true,
};
const INSPECTION: Readonly<Record<keyof Inspection, true>> = {
  present: true,
  store: true,
  owner: true,
  program: true,
  versionArgs: true,
  method: true,
  expiresAt: true,
  loginExpiresAt: true,
  fingerprint: true,
  refreshFingerprint: true,
  account: true,
  loginEndIsFixed: true,
  hint: true,
};

/** What a plugin returned, without what nobody asked for: it may be a hundred megabytes, which the kernel need not see. */
export function trimmedOutcome(returned: unknown): unknown {
  const problem = outcomeProblem(returned);
  if (problem !== undefined) throw new KeepaliveError('KA_PLUGIN_INVALID', { problem });
  return trim(returned, OUTCOME);
}

export const trimmedInspection = (returned: unknown): unknown => trim(returned, INSPECTION);

function trim(value: unknown, names: object): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => Object.hasOwn(names, name))
      .map(([name, member]) => [name, short(member)]),
  );
}

function short(member: unknown): unknown {
  if (typeof member === 'string') return member.slice(0, MAX_TEXT);
  if (Array.isArray(member)) return member.slice(0, 20).map(item => String(item).slice(0, MAX_TEXT));
  return member instanceof Date || typeof member === 'boolean' ? member : undefined;
}
