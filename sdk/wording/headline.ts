import type { Instant, Session } from '../contract/session.ts';
import { attentionOf, type Attention, type Overview } from './attention.ts';
import { counted } from './sentence.ts';
import { STATUS_TONES, statusOf } from './status.ts';
import { untilTime } from './time.ts';

/** What the headline says of one session. */
export type Prospect = {
  /** Whether the user has switched it off. */
  readonly isOff: boolean;
  /** When it ends if only keepalive acts; Infinity if that is not known. */
  readonly endsAt: Instant;
};

export const prospectOf = (session: Session, now: Instant): Prospect => ({
  isOff: STATUS_TONES[statusOf(session, now)] === 'off',
  endsAt: Math.min(...endsOf(session)),
});

/** What the headline says of all sessions. */
export type Tally = {
  readonly all: number;
  /** How many the user has switched off. */
  readonly off: number;
  /** When the first of the others ends. */
  readonly endsAt: Instant;
  /** The name of the other one, if it is only one. */
  readonly only?: string | undefined;
};

/** Without a kernel. */
export const NOT_RUNNING = 'Keepalive is not running';

/** All sessions in one line, without a full stop. Every frontend shows this line. */
export function headlineOf(overview: Overview, now: Instant): string {
  const { sessions } = overview;
  const kept = sessions.map(session => ({ ...prospectOf(session, now), session })).filter(({ isOff }) => !isOff);
  const endsAt = kept.reduce((first, one) => Math.min(first, one.endsAt), Infinity);
  const only = kept.length === 1 ? kept[0]?.session.displayName : undefined;
  const tally = { all: sessions.length, off: sessions.length - kept.length, endsAt, only };
  return headlineFrom(attentionOf(overview, now), tally, now);
}

/** The same from what needs the user and a tally of the sessions. */
export function headlineFrom(items: readonly Attention[], { all, off, endsAt, only }: Tally, now: Instant): string {
  if (items.length > 0) {
    const what = items.every(({ kind }) => kind === 'session')
      ? `${items.length} of ${counted(all, 'session')}`
      : counted(items.length, 'thing');
    return `${what} ${items.length === 1 ? 'needs' : 'need'} you`;
  }
  if (all === 0) return 'No session is kept alive yet';
  const kept = all - off;
  if (kept === 0) return off === 1 ? 'The session is paused' : `All ${off} sessions are paused`;
  const rest = off > 0 ? `, ${off} paused` : '';
  if (endsAt === Infinity) return `Keeping ${counted(kept, 'session')} alive${rest}`;
  const who = only === undefined ? `All ${kept}` : `${only} is`;
  return `${who} good until ${untilTime(endsAt, now)}, even if you do nothing${rest}`;
}

/** The login's end of a session that is being renewed, else the credential's. None if it was never checked. */
function endsOf({ state, method, lastSuccessAt, expiresAt, loginExpiresAt }: Session): readonly Instant[] {
  if (state.name === 'idle' && lastSuccessAt === undefined) return [];
  // During an attempt, and at the start until the first one, it is as it was before.
  const isAsBefore = (state.name === 'refreshing' || state.name === 'idle') && lastSuccessAt !== undefined;
  const isRenewed = (state.name === 'alive' || isAsBefore) && method !== 'observe';
  return [loginExpiresAt, isRenewed ? undefined : expiresAt].filter(end => end !== undefined);
}
