import { KeepaliveError } from '../../sdk/errors.ts';
import { outcomeProblem, isRefreshOutcome } from '../../sdk/outcome.ts';
import type { Instant, SessionRecord } from '../../sdk/session.ts';
import type { Finish } from '../session/transition.ts';

/** No credential is good for longer; a date beyond it is a mistake of units. */
const MAX_LIFE_MS = 20 * 365 * 86_400_000;
const INEFFECTIVE = 'It was renewed, but does not last longer than before.';
const LAPSED = 'It was called fresh, but has lapsed.';

/** What a plugin returned, checked and brought into the kernel's terms. Throws `KA_PLUGIN_INVALID` for anything but an outcome. */
export function finishOf(outcome: unknown, before: SessionRecord, now: Instant, scrub: (text: string) => string): Finish {
  if (!isRefreshOutcome(outcome)) throw new KeepaliveError('KA_PLUGIN_INVALID', { problem: outcomeProblem(outcome) });
  const clean = (text: string) => scrub(text).slice(0, 500);
  switch (outcome.status) {
    case 'refreshed': case 'fresh': {
      const expiresAt = sensible(outcome.expiresAt, now);
      const loginExpiresAt = sensible(outcome.loginExpiresAt, now);
      const lapsed = expiresAt !== undefined && expiresAt <= now;
      const notLater = outcome.status === 'refreshed' && expiresAt !== undefined && before.expiresAt !== undefined && expiresAt <= before.expiresAt;
      const trouble = lapsed || notLater ? { code: 'KA_INEFFECTIVE', message: outcome.status === 'fresh' ? LAPSED : INEFFECTIVE } : {};
      return { outcome: outcome.status, method: outcome.method, expiresAt, loginExpiresAt, ...trouble };
    }
    case 'deferred': return { outcome: 'deferred', method: outcome.method, again: outcome.until?.getTime(), message: clean(outcome.reason) };
    case 'rate-limited': return { outcome: 'rate-limited', method: outcome.method, again: outcome.retryAt?.getTime(), message: 'The vendor asked to wait.' };
    case 'login-required': return { outcome: 'login-required', method: outcome.method, message: clean(`${outcome.hint} (${outcome.proof})`) };
    case 'unavailable': return { outcome: 'unavailable', method: outcome.method, message: clean(outcome.hint) };
  }
}

const sensible = (value: Date | undefined, now: Instant): Instant | undefined => {
  const at = value?.getTime();
  return at === undefined || Number.isNaN(at) || at <= 0 || at > now + MAX_LIFE_MS ? undefined : at;
};
