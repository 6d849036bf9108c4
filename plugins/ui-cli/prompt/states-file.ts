import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isRecord } from '../../../sdk/base/json.ts';
import { isPluginId } from '../../../sdk/base/plugin-id.ts';
import { WITHOUT_WAITING } from '../../../sdk/system/plain-file.ts';
import { STATES_VERSION, type Notice, type SessionRecord, type StatesFile } from '../../../sdk/contract/session.ts';
import { STATES_WITH_REASON, STATUS_LABELS } from '../../../sdk/wording/status.ts';

export type States = Pick<StatesFile, 'sessions'> &
  Partial<Pick<StatesFile, 'notices'>> & {
    /** A newer version of this program wrote the file, so its content may have another meaning. */
    readonly isNewer?: boolean;
  };

/** What the daemon last saved. Undefined if there is no such file, or it cannot be read. */
export function readStates(file: string): States | undefined {
  try {
    const states: unknown = JSON.parse(readFile(file).replace(/^\uFEFF/, ''));
    if (isRecord(states) && 'version' in states && Number(states.version) > STATES_VERSION)
      return { sessions: {}, isNewer: true };
    if (!isRecord(states) || !('sessions' in states) || !isRecord(states.sessions)) return undefined;
    const entries = Object.entries(states.sessions);
    const sessions = entries.filter(
      // Other names are ignored, because ids end up in a shell.
      (entry): entry is [string, SessionRecord] => isPluginId(entry[0]) && isSessionRecord(entry[1]),
    );
    const notices = 'notices' in states && Array.isArray(states.notices) ? states.notices.filter(isNotice) : [];
    return { sessions: Object.fromEntries(sessions), notices };
  } catch {
    return undefined;
  }
}

/** Does not wait for a pipe in place of the file: the shell would have no prompt. */
function readFile(file: string): string {
  const descriptor = openSync(file, WITHOUT_WAITING);
  try {
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor, 'utf8') : '';
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
  isRecord(value) && 'code' in value && 'session' in value && typeof value.session === 'string';
