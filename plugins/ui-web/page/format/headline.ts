import type { Instant } from '../../../../sdk/contract/session.ts';
import type { Overview } from '../../../../sdk/wording/attention.ts';
import { headlineOf } from '../../../../sdk/wording/headline.ts';
import { localTime } from '../../../../sdk/wording/time.ts';

/**
 * The headline of the page, a sentence. Nothing is claimed while the daemon does not answer: `lostAt` is when it was
 * last heard.
 */
export const pageHeadline = (overview: Overview, lostAt: Instant | undefined, now: Instant): string =>
  lostAt === undefined ? `${headlineOf(overview, now)}.` : `Nothing is known since ${localTime(lostAt, now)}.`;

/** The title of the window: how many things need the user, or that it is not known. */
export function pageTitle(needs: number, isLost: boolean): string {
  const mark = isLost ? '(?) ' : needs > 0 ? `(${needs}) ` : '';
  return `${mark}Session Keepalive`;
}
