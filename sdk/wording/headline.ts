import type { Instant, Session } from '../contract/session.ts';
import { attentionOf, type Overview } from './attention.ts';
import { counted } from './sentence.ts';
import { STATUS_TONES, statusOf } from './status.ts';
import { untilTime } from './time.ts';

/** All sessions in one line, without a full stop. Every frontend shows this line. */
export function headlineOf(overview: Overview, now: Instant): string {
  const { sessions } = overview;
  const items = attentionOf(overview, now);
  if (items.length > 0) {
    const what = items.every(({ kind }) => kind === 'session')
      ? `${items.length} of ${counted(sessions.length, 'session')}`
      : counted(items.length, 'thing');
    return `${what} ${items.length === 1 ? 'needs' : 'need'} you`;
  }
  if (sessions.length === 0) return 'No session is kept alive yet';
  const kept = sessions.filter(session => STATUS_TONES[statusOf(session, now)] !== 'off');
  const paused = sessions.length - kept.length;
  if (kept.length === 0) return paused === 1 ? 'The session is paused' : `All ${paused} sessions are paused`;
  const rest = paused > 0 ? `, ${paused} paused` : '';
  const ends = kept.flatMap(endOf);
  if (ends.length === 0) return `Keeping ${counted(kept.length, 'session')} alive${rest}`;
  const who = kept.length === 1 && kept[0] ? `${kept[0].displayName} is` : `All ${kept.length}`;
  return `${who} good until ${untilTime(Math.min(...ends), now)}, even if you do nothing${rest}`;
}

/**
 * When a session ends if only keepalive acts: its login's end if it is being renewed, else its credential's. Nothing is
 * promised for a session that was never checked.
 */
function endOf({ state, method, lastSuccessAt, expiresAt, loginExpiresAt }: Session): readonly Instant[] {
  if (state.name === 'idle' && lastSuccessAt === undefined) return [];
  // During an attempt, and at the start until the first one, it is as it was before.
  const isAsBefore = (state.name === 'refreshing' || state.name === 'idle') && lastSuccessAt !== undefined;
  const isRenewed = (state.name === 'alive' || isAsBefore) && method !== 'observe';
  return [loginExpiresAt, isRenewed ? undefined : expiresAt].filter(end => end !== undefined);
}
