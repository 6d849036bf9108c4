import { createHash } from 'node:crypto';
import { toMs } from '../../sdk/contract/duration.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import type { Inspection } from '../../sdk/plugin/provider.ts';
import type { Instant, SessionState } from '../../sdk/contract/session.ts';
import { tickAfter } from './schedule.ts';

const MAX_LOOK_MS = 30 * 60_000;

/** A hash of what an inspection says about whether there is anything to keep alive. */
export function sightOf(seen: Inspection | undefined): string | undefined {
  if (!seen) return undefined;
  const { present, store, program, method, hint, fingerprint } = seen;
  const text = JSON.stringify([present, store, program, method, hint, fingerprint]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

export const isUnavailable = (state: SessionState): boolean => state.name === 'halted' && state.why === 'unavailable';

/** When an unavailable session is looked at again: at its next tick, or in half an hour. A look costs nothing. */
export const lookAgainAt = ({ schedule, minInterval }: Policy, now: Instant): Instant =>
  Math.min(Math.max(tickAfter(schedule, now), now + toMs(minInterval)), now + MAX_LOOK_MS);
