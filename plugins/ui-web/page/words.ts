import {
  isFailing,
  type AttemptOutcome,
  type HaltReason,
  type Session,
  type SessionState,
  type WaitReason,
} from '../../../sdk/contract/session.ts';
import type { Attempt } from '../../../sdk/contract/session.ts';
import type { ConfigOrigin } from '../../../sdk/contract/rpc.ts';

/** How a thing feels, which its colour and its sign show. */
export type Tone = 'good' | 'quiet' | 'busy' | 'warn' | 'bad';
export type Sign = 'check' | 'circle' | 'turning' | 'cloud' | 'triangle' | 'pause' | 'cross';
export type Said = { readonly text: string; readonly tone: Tone; readonly sign: Sign };

const WAITING: Readonly<Record<WaitReason, Said>> = {
  backoff: { text: 'Failing, retrying', tone: 'warn', sign: 'triangle' },
  offline: { text: 'Offline, retrying', tone: 'quiet', sign: 'cloud' },
  'rate-limited': { text: 'Asked to wait', tone: 'quiet', sign: 'circle' },
  deferred: { text: 'Deferred', tone: 'quiet', sign: 'circle' },
};

const HALTED: Readonly<Record<HaltReason, Said>> = {
  paused: { text: 'Paused', tone: 'quiet', sign: 'pause' },
  'login-required': { text: 'Needs you to sign in', tone: 'bad', sign: 'cross' },
  unavailable: { text: 'Not available', tone: 'bad', sign: 'cross' },
  'too-many-failures': { text: 'Gave up', tone: 'bad', sign: 'cross' },
};

/** A state in a few words. */
export function sayState(state: SessionState): Said {
  switch (state.name) {
    case 'idle':
      return { text: 'About to look', tone: 'quiet', sign: 'circle' };
    case 'refreshing':
      return { text: 'Refreshing', tone: 'busy', sign: 'turning' };
    case 'alive':
      return { text: 'Alive', tone: 'good', sign: 'check' };
    case 'waiting':
      return WAITING[state.why];
    case 'halted':
      return state.disabled ? { ...HALTED.paused, text: 'Switched off' } : HALTED[state.why];
  }
}

const OUTCOMES: Readonly<Record<AttemptOutcome, Said>> = {
  refreshed: { text: 'Refreshed', tone: 'good', sign: 'check' },
  fresh: { text: 'Still fresh, nothing was due', tone: 'quiet', sign: 'check' },
  deferred: { text: 'Deferred', tone: 'quiet', sign: 'circle' },
  'rate-limited': { text: 'Asked to wait', tone: 'warn', sign: 'circle' },
  'login-required': { text: 'A sign-in is needed', tone: 'bad', sign: 'cross' },
  unavailable: { text: 'Not available', tone: 'bad', sign: 'cross' },
  failed: { text: 'Failed', tone: 'bad', sign: 'triangle' },
  offline: { text: 'Offline', tone: 'warn', sign: 'cloud' },
};

export const sayOutcome = (outcome: AttemptOutcome): Said => OUTCOMES[outcome];

const REASONS: Readonly<Record<Attempt['reason'], string>> = {
  schedule: 'on schedule',
  manual: 'you asked',
  wake: 'after a sleep',
  changed: 'the credential changed',
};

export const sayReason = (reason: Attempt['reason']): string => REASONS[reason];

const ORIGINS: Readonly<Record<ConfigOrigin, string>> = {
  default: 'default',
  provider: 'the provider',
  config: 'configuration, all sessions',
  session: 'configuration, this session',
  settings: 'set here',
};

export const sayOrigin = (origin: ConfigOrigin): string => ORIGINS[origin];

export const isPaused = ({ state }: Pick<Session, 'state'>): boolean =>
  state.name === 'halted' && state.why === 'paused';

/** All sessions in one sentence. */
export function sayAll(sessions: readonly Session[]): string {
  const paused = sessions.filter(isPaused).length;
  const failing = sessions.filter(isFailing).length;
  const kept = sessions.length - paused;
  if (sessions.length === 0) return 'Nothing is kept alive yet.';
  if (failing > 0) return `${failing} of ${sessions.length} sessions ${failing === 1 ? 'needs' : 'need'} a look.`;
  if (kept === 0) return paused === 1 ? 'Your session is paused.' : `All ${paused} sessions are paused.`;
  const alive = kept === 1 ? 'Your session is looked after' : `All ${kept} sessions are looked after`;
  return paused === 0 ? `${alive}.` : `${alive}; ${paused} ${paused === 1 ? 'is' : 'are'} paused.`;
}
