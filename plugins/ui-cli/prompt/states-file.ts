import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isRecord } from '../../../sdk/base/json.ts';
import { isPluginId } from '../../../sdk/base/plugin-id.ts';
import { WITHOUT_WAITING } from '../../../sdk/system/plain-file.ts';
import {
  STATES_VERSION,
  type Instant,
  type Notice,
  type SessionRecord,
  type StatesFile,
} from '../../../sdk/contract/session.ts';
import { readableContent } from '../../../sdk/contract/states-layout.ts';
import { STATES_WITH_REASON, STATUS_LABELS } from '../../../sdk/wording/status.ts';

export type States = Pick<StatesFile, 'sessions' | 'stoppedAt'> &
  Partial<Pick<StatesFile, 'notices'>> & {
    /** When the file was written. */
    readonly savedAt?: Instant;
    /** A newer version of this program wrote the file, so its content may have another meaning. */
    readonly isNewer?: boolean;
  };

/** What the daemon last saved of the sessions it keeps. Undefined if there is no such file, or it cannot be read. */
export function readStates(file: string): States | undefined {
  try {
    const { text, savedAt } = readPlain(file);
    const states = readableContent(text.replace(/^\uFEFF/, ''));
    if (isRecord(states) && 'version' in states && Number(states.version) > STATES_VERSION)
      return { sessions: {}, isNewer: true };
    if (!isRecord(states) || !('sessions' in states) || !isRecord(states.sessions)) return undefined;
    const { sessions, notices, kept, stoppedAt } = states;
    // The file also remembers sessions that are no longer configured. Older versions do not list those that are kept.
    const ids = Array.isArray(kept) ? new Set<unknown>(kept) : undefined;
    const isKept = (id: string) => !ids || ids.has(id);
    const entries = Object.entries(sessions).filter(
      // Other names are ignored, because ids end up in a shell.
      (entry): entry is [string, SessionRecord] =>
        isPluginId(entry[0]) && isKept(entry[0]) && isSessionRecord(entry[1]),
    );
    return {
      sessions: Object.fromEntries(entries),
      notices: Array.isArray(notices) ? notices.filter(isNotice) : [],
      savedAt,
      ...(typeof stoppedAt === 'number' && { stoppedAt }),
    };
  } catch {
    return undefined;
  }
}

/** Does not wait for a pipe in place of the file: the shell would have no prompt. */
export function readPlain(file: string): { readonly text: string; readonly savedAt: Instant } {
  const descriptor = openSync(file, WITHOUT_WAITING);
  try {
    const facts = fstatSync(descriptor);
    return { text: facts.isFile() ? readFileSync(descriptor, 'utf8') : '', savedAt: Math.round(facts.mtimeMs) };
  } finally {
    closeSync(descriptor);
  }
}

/** Checks only what a prompt reads. */
function isSessionRecord(value: unknown): boolean {
  if (!isRecord(value) || !('state' in value) || !isRecord(value.state)) return false;
  const { state } = value;
  if (!('name' in state) || !isStateName(state.name)) return false;
  if (STATES_WITH_REASON[state.name] && !hasReason(state)) return false;
  return !('wakeAt' in state) || typeof state.wakeAt === 'number';
}

const isStateName = (name: unknown): name is keyof typeof STATES_WITH_REASON =>
  typeof name === 'string' && Object.hasOwn(STATES_WITH_REASON, name);

const hasReason = (state: object): boolean => 'why' in state && Object.hasOwn(STATUS_LABELS, String(state.why));

const isNotice = (value: unknown): value is Notice =>
  isRecord(value) &&
  ['info', 'warning', 'error'].includes(String(value['level'])) &&
  [value['code'], value['session'], value['title']].every(text => typeof text === 'string');
