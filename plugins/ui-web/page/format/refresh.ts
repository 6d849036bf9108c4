import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { describeMs } from '../../../../sdk/wording/duration.ts';
import { localTime } from '../../../../sdk/wording/time.ts';
import { outcomeLabel } from './labels.ts';

/** Longer than the daemon's own minimum between two requests of a user: the vendor asked for such a wait. */
const OWN_WAIT_MS = 15_000;

/** Whether the page waits for a renewal that came too early. A vendor may ask for hours. */
export const isShortWait = (retryAt: Instant, now: Instant): boolean => retryAt - now <= OWN_WAIT_MS;

/** `Renewing in 8 s…` */
export const countdown = (at: Instant, now: Instant): string =>
  at - now < 500 ? 'Renewing…' : `Renewing in ${describeMs(Math.ceil((at - now) / 1_000) * 1_000)}…`;

export const vendorWait = (at: Instant, now: Instant): string =>
  `The vendor asked to wait. It can be renewed again at ${localTime(at, now)}.`;

/** The result of a check or a renewal that the user asked for. */
export const describeRefresh = ({ lastAttempt }: Session): string =>
  lastAttempt ? `${outcomeLabel(lastAttempt.outcome).text}.` : 'Not checked yet.';
