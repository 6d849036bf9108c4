import { unreachable } from '../../../sdk/base/unreachable.ts';
import { isExpired, type Instant, type Session } from '../../../sdk/contract/session.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf, type StatusTone } from '../../../sdk/wording/status.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { adviceIn, signInCommand } from '../../../sdk/wording/sign-in-advice.ts';
import type { Cell } from './table.ts';
import type { Style } from './view.ts';

export type Appearance = { readonly symbol: string; readonly style?: Style };

const APPEARANCES: Readonly<Record<StatusTone, Appearance>> = {
  pending: { symbol: '○' },
  busy: { symbol: '↻', style: 'cyan' },
  good: { symbol: '●', style: 'green' },
  deferred: { symbol: '◌', style: 'cyan' },
  delayed: { symbol: '◌', style: 'yellow' },
  offline: { symbol: '◌', style: 'yellow' },
  off: { symbol: '‖', style: 'dim' },
  trouble: { symbol: '▲', style: 'yellow' },
  stopped: { symbol: '✗', style: 'red' },
  login: { symbol: '✗', style: 'red' },
};

/** The symbol and colour of a tone. */
export const toneAppearance = (tone: StatusTone): Appearance => APPEARANCES[tone];

/** The symbol and colour of a session. */
export const appearanceOf = (session: Session, now: Instant): Appearance =>
  APPEARANCES[STATUS_TONES[statusOf(session, now)]];

/** The status of a session with its symbol and colour. */
export function statusCell(session: Session, now: Instant, isPast = false): Cell {
  const status = statusOf(session, now);
  // Without a daemon, no session is kept alive, whatever was saved last.
  if (isPast && (status === 'alive' || status === 'refreshing')) return { text: `○ was ${STATUS_LABELS.alive}` };
  const { symbol, style } = appearanceOf(session, now);
  return { text: `${symbol} ${STATUS_LABELS[status]}`, style };
}

/** What the user should know or do about a session in trouble. Undefined if there is nothing. */
export function adviceOn(session: Session, now: Instant): string | undefined {
  const { id, state } = session;
  switch (state.name) {
    case 'idle':
    case 'refreshing':
    case 'alive':
      return endAdvice(session, now);
    case 'waiting': {
      if (state.why !== 'backoff') return endAdvice(session, now) ?? waitAdvice(session);
      return `${sentence(state.hint)} \`keepalive explain ${id}\` says more.`;
    }
    case 'halted':
      return haltAdvice(session, now);
    default:
      return unreachable(state);
  }
}

/** For a session that has expired, or whose login has ended. */
function endAdvice(session: Session, now: Instant): string | undefined {
  const { id, state, signIn, expiresAt, loginExpiresAt } = session;
  if (!isExpired(session, now)) return undefined;
  if (loginExpiresAt !== undefined && loginExpiresAt <= now) {
    return `Its login has ended. ${signIn ? `Run \`${signInCommand(id)}\`` : 'Sign in again with the tool'}.`;
  }
  const hint = state.name === 'waiting' && state.hint !== '' ? ` ${sentence(state.hint)}` : '';
  return expiresAt === undefined ? undefined : `It has expired and was not renewed.${hint}`;
}

/** Being offline is obvious to the user. An answer from something between this machine and the vendor may not be. */
function waitAdvice({ state, lastAttempt }: Session): string | undefined {
  if (state.name !== 'waiting' || state.hint === '') return undefined;
  return state.why === 'deferred' || lastAttempt?.code === 'KA_INTERCEPTED' ? sentence(state.hint) : undefined;
}

function haltAdvice(session: Session, now: Instant): string | undefined {
  const { id, state, lastSuccessAt } = session;
  if (state.name !== 'halted') return undefined;
  const hint = sentence(adviceIn(session) ?? '');
  switch (state.why) {
    case 'paused':
      return undefined;
    case 'login-required':
      return `${hint} It resumes as soon as that is done.`;
    case 'unavailable': {
      const kept =
        lastSuccessAt === undefined ? '' : `It was kept alive until ${relativeAndLocal(lastSuccessAt, now)}. `;
      return `${kept}${hint} It resumes automatically when that is done.`;
    }
    case 'too-many-failures':
      return `${hint} When the cause is fixed, run \`keepalive resume ${id}\`.`;
    default:
      return unreachable(state);
  }
}
