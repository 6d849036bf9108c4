import type { HaltReason, Session, SessionState, WaitReason } from '../../../sdk/session.ts';
import type { Cell } from './table.ts';
import { oneLine } from './width.ts';
import { relative } from './time.ts';

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
    case 'idle': return { text: '○ idle' };
    case 'refreshing': return { text: '↻ refreshing', style: 'cyan' };
    case 'alive': return { text: '● alive', style: 'green' };
    case 'waiting': return WAITING[state.why];
    case 'halted': return HALTED[state.why];
  }
}

/** What a person should know or do about a session in trouble; undefined where there is nothing. */
export function whatToDo({ id, state }: Pick<Session, 'id' | 'state'>, now: number): string | undefined {
  if (state.name === 'waiting' && state.why === 'backoff') {
    return `${sentence(state.hint)} It is tried again ${relative(state.wakeAt, now)}; \`keepalive explain ${id}\` says more.`;
  }
  if (state.name === 'waiting' && state.why === 'deferred') return state.hint === '' ? undefined : sentence(state.hint);
  if (state.name !== 'halted') return undefined;
  switch (state.why) {
    case 'paused': return undefined;
    case 'login-required': return `${sentence(state.hint)} It is picked up by itself once you have signed in.`;
    case 'unavailable': return `${sentence(state.hint)} It is picked up by itself once that has changed.`;
    case 'too-many-failures':
      return `${sentence(state.hint)}${again(state.wakeAt, now)} When the cause is gone: \`keepalive resume ${id}\`.`;
  }
}

const again = (at: number | undefined, now: number): string =>
  (at === undefined ? '' : ` It is tried once more ${relative(at, now)}.`);

const sentence = (text: string): string => oneLine(text).replace(/[^.!?]$/, '$&.');
