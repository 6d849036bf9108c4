import { isFailing, type AttemptOutcome, type Instant, type Session } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { describeSessions } from '../../../../sdk/wording/overview.ts';
import { STATUS_LABELS, statusOf, type SessionStatus } from '../../../../sdk/wording/status.ts';
import { relative } from '../../../../sdk/wording/time.ts';

/** The colour of a label. */
export type Tone = 'good' | 'quiet' | 'busy' | 'warn' | 'bad';
export type Sign = 'check' | 'circle' | 'turning' | 'cloud' | 'triangle' | 'pause' | 'cross';
type Look = { readonly tone: Tone; readonly sign: Sign };
export type Label = Look & { readonly text: string };

const STATUS_LOOKS: Readonly<Record<SessionStatus, Look>> = {
  idle: { tone: 'quiet', sign: 'circle' },
  refreshing: { tone: 'busy', sign: 'turning' },
  alive: { tone: 'good', sign: 'check' },
  backoff: { tone: 'warn', sign: 'triangle' },
  offline: { tone: 'quiet', sign: 'cloud' },
  'rate-limited': { tone: 'quiet', sign: 'circle' },
  deferred: { tone: 'quiet', sign: 'circle' },
  paused: { tone: 'quiet', sign: 'pause' },
  disabled: { tone: 'quiet', sign: 'pause' },
  'login-required': { tone: 'bad', sign: 'cross' },
  unavailable: { tone: 'bad', sign: 'cross' },
  'too-many-failures': { tone: 'bad', sign: 'cross' },
  expired: { tone: 'warn', sign: 'triangle' },
  'login-ended': { tone: 'warn', sign: 'triangle' },
};

const OUTCOME_LOOKS: Readonly<Record<AttemptOutcome, Look>> = {
  refreshed: { tone: 'good', sign: 'check' },
  fresh: { tone: 'quiet', sign: 'check' },
  deferred: { tone: 'quiet', sign: 'circle' },
  'rate-limited': { tone: 'warn', sign: 'circle' },
  offline: { tone: 'warn', sign: 'cloud' },
  failed: { tone: 'bad', sign: 'triangle' },
  'login-required': { tone: 'bad', sign: 'cross' },
  unavailable: { tone: 'bad', sign: 'cross' },
};

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function statusLabel(session: Session, now: Instant): Label {
  const status = statusOf(session, now);
  return { ...STATUS_LOOKS[status], text: capitalized(STATUS_LABELS[status]) };
}

export const outcomeLabel = (outcome: AttemptOutcome): Label => ({
  ...OUTCOME_LOOKS[outcome],
  text: capitalized(OUTCOME_LABELS[outcome]),
});

/** A time as seen from now, in whole words: `in 3 minutes`. */
export const fromNow = (at: Instant, now: Instant): string => relative(at, now, 'long');

export const isPaused = ({ state }: Pick<Session, 'state'>): boolean =>
  state.name === 'halted' && state.why === 'paused';

/** All sessions in one sentence. */
export function headline(sessions: readonly Session[]): string {
  const paused = sessions.filter(isPaused).length;
  const failing = sessions.filter(isFailing).length;
  return `${describeSessions({ total: sessions.length, paused, failing })}.`;
}
