import type { AttemptOutcome, Instant } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { STATUS_LABELS, STATUS_TONES, type SessionStatus, type StatusTone } from '../../../../sdk/wording/status.ts';
import { relative } from '../../../../sdk/wording/time.ts';

/** The colour of a label. */
export type Tone = 'good' | 'quiet' | 'busy' | 'warn' | 'bad';
export type Sign = 'check' | 'circle' | 'ring' | 'turning' | 'cloud' | 'triangle' | 'pause' | 'cross';
type Look = { readonly tone: Tone; readonly sign: Sign };
export type Label = Look & { readonly text: string };

const STATUS_LOOKS: Readonly<Record<StatusTone, Look>> = {
  pending: { tone: 'quiet', sign: 'circle' },
  busy: { tone: 'busy', sign: 'turning' },
  good: { tone: 'good', sign: 'check' },
  deferred: { tone: 'quiet', sign: 'circle' },
  delayed: { tone: 'quiet', sign: 'circle' },
  offline: { tone: 'quiet', sign: 'cloud' },
  off: { tone: 'quiet', sign: 'pause' },
  trouble: { tone: 'warn', sign: 'triangle' },
  stopped: { tone: 'bad', sign: 'cross' },
  login: { tone: 'bad', sign: 'cross' },
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

export const toneLabel = (text: string, tone: StatusTone): Label => ({ ...STATUS_LOOKS[tone], text });

export const statusLabel = (status: SessionStatus): Label =>
  toneLabel(capitalized(STATUS_LABELS[status]), STATUS_TONES[status]);

export const outcomeLabel = (outcome: AttemptOutcome): Label => ({
  ...OUTCOME_LOOKS[outcome],
  text: capitalized(OUTCOME_LABELS[outcome]),
});

/** A time as seen from now, in whole words: `in 3 minutes`. */
export const fromNow = (at: Instant, now: Instant): string => relative(at, now, 'long');

/** Whether an id says no more than the name: `acme-code` beside "Acme Code", or `work` beside "Acme (work)". */
export function isSameName(id: string, displayName: string): boolean {
  const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return letters(id) === letters(displayName) || displayName.endsWith(`(${id})`);
}
