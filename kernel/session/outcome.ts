import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { outcomeProblem, isRefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { Instant, SessionRecord } from '../../sdk/contract/session.ts';
import { sensible } from './timing.ts';
import type { Finish } from './transition.ts';

const INEFFECTIVE = 'It was renewed, but does not last longer than before.';
const LAPSED = 'It was called fresh, but has lapsed.';

/** What a plugin returned, checked and brought into the kernel's terms. Throws `KA_PLUGIN_INVALID` for anything but an outcome. */
export function finishOf(
  outcome: unknown,
  before: SessionRecord,
  now: Instant,
  scrub: (text: string) => string,
): Finish {
  if (!isRefreshOutcome(outcome)) throw new KeepaliveError('KA_PLUGIN_INVALID', { problem: outcomeProblem(outcome) });
  const clean = (text: string) => scrub(text).slice(0, 500);
  switch (outcome.status) {
    case 'refreshed':
    case 'fresh': {
      const expiresAt = sensible(outcome.expiresAt?.getTime(), now);
      const loginExpiresAt = sensible(outcome.loginExpiresAt?.getTime(), now);
      const lapsed = expiresAt !== undefined && expiresAt <= now;
      const notLater =
        outcome.status === 'refreshed' &&
        expiresAt !== undefined &&
        before.expiresAt !== undefined &&
        expiresAt <= before.expiresAt;
      const trouble =
        lapsed || notLater
          ? { code: 'KA_INEFFECTIVE', message: outcome.status === 'fresh' ? LAPSED : INEFFECTIVE }
          : {};
      return { outcome: outcome.status, method: outcome.method, expiresAt, loginExpiresAt, ...trouble };
    }
    case 'deferred':
      return {
        outcome: 'deferred',
        method: outcome.method,
        again: outcome.until?.getTime(),
        message: clean(outcome.reason),
      };
    case 'rate-limited':
      return {
        outcome: 'rate-limited',
        method: outcome.method,
        again: outcome.retryAt?.getTime(),
        message: 'The vendor asked to wait.',
      };
    case 'login-required':
      return {
        outcome: 'login-required',
        method: outcome.method,
        message: clean(`${outcome.hint} (${outcome.proof})`),
      };
    case 'unavailable':
      return { outcome: 'unavailable', method: outcome.method, message: clean(outcome.hint) };
  }
}
