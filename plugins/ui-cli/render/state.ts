import {
  isExpired,
  type HaltReason,
  type Session,
  type SessionState,
  type WaitReason,
} from '../../../sdk/contract/session.ts';
import type { Cell } from './table.ts';
import { oneLine } from './width.ts';
import { relative, relativeAndLocal } from './time.ts';

const WAITING: Readonly<Record<WaitReason, Cell>> = {
  backoff: { text: '▲ failing', style: 'yellow' },
  offline: { text: '◌ offline', style: 'yellow' },
  'rate-limited': { text: '◌ rate-limited', style: 'yellow' },
  deferred: { text: '◌ deferred', style: 'cyan' },
};

const HALTED: Readonly<Record<HaltReason, Cell>> = {
  paused: { text: '‖ paused', style: 'dim' },
  'login-required': { text: '✗ login required', style: 'red' },
  unavailable: { text: '✗ unavailable', style: 'red' },
  'too-many-failures': { text: '✗ gave up', style: 'red' },
};

/** A state with its symbol and colour. */
export function stateCell(state: SessionState): Cell {
  switch (state.name) {
    case 'idle':
      return { text: '○ idle' };
    case 'refreshing':
      return { text: '↻ refreshing', style: 'cyan' };
    case 'alive':
      return { text: '● alive', style: 'green' };
    case 'waiting':
      return WAITING[state.why];
    case 'halted':
      return HALTED[state.why];
  }
}

/** The state of a session. An expired session is not alive, whatever its last renewal said. */
export function sessionCell(session: Session, now: number): Cell {
  if (session.state.name === 'halted' || !isExpired(session, now)) return stateCell(session.state);
  return { text: isOver(session.loginExpiresAt, now) ? '▲ login expired' : '▲ expired', style: 'yellow' };
}

const isOver = (end: number | undefined, now: number): boolean => end !== undefined && end <= now;

/** What a person should know or do about a session in trouble; undefined where there is nothing. */
export function whatToDo(session: Session, now: number): string | undefined {
  const { id, state, nextAttemptAt, expiresAt, loginExpiresAt, lastSuccessAt, lastAttempt } = session;
  if (state.name === 'waiting' && state.why === 'backoff') {
    const again = nextAttemptAt === undefined ? '' : `It is tried again ${relative(nextAttemptAt, now)}; `;
    return `${sentence(state.hint)} ${again}\`keepalive explain ${id}\` says more.`;
  }
  if (state.name !== 'halted') {
    if (loginExpiresAt !== undefined && isOver(loginExpiresAt, now)) {
      return `Its login ended ${relative(loginExpiresAt, now)}. Sign in again with the tool.`;
    }
    const hint = state.name === 'waiting' && state.hint !== '' ? sentence(state.hint) : undefined;
    if (expiresAt === undefined || !isExpired(session, now)) {
      // Being offline is obvious to the user. An answer from something in between may not be.
      const isNews = state.name === 'waiting' && (state.why === 'deferred' || lastAttempt?.code === 'KA_INTERCEPTED');
      return isNews ? hint : undefined;
    }
    return `It expired ${relative(expiresAt, now)} and was not renewed. ${hint ?? ''}`.trim();
  }
  switch (state.why) {
    case 'paused':
      return undefined;
    case 'login-required':
      return `${sentence(state.hint)} It resumes automatically once you have signed in.`;
    case 'unavailable': {
      const kept =
        lastSuccessAt === undefined ? '' : `It was kept alive until ${relativeAndLocal(lastSuccessAt, now)}. `;
      return `${kept}${sentence(state.hint)} It resumes automatically once that has changed.`;
    }
    case 'too-many-failures':
      return `${sentence(state.hint)}${again(state.wakeAt, now)} When the cause is gone: \`keepalive resume ${id}\`.`;
  }
}

const again = (at: number | undefined, now: number): string =>
  at === undefined ? '' : ` It is retried ${relative(at, now)}.`;

/** The text may end in a sentence in brackets. */
const sentence = (text: string): string => oneLine(text).replace(/(?<=\S)(?<![.!?]\)?)$/, '.');
