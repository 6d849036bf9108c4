import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { WITHOUT_WAITING } from '../../../sdk/system/plain-file.ts';
import { STATES_VERSION, type Notice, type SessionRecord, type StatesFile } from '../../../sdk/contract/session.ts';

/** The form of a plugin's id. Anything else in the file is ignored, because ids end up in a shell. */
const ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

export type States = Pick<StatesFile, 'sessions'> &
  Partial<Pick<StatesFile, 'notices'>> & {
    /** A newer version of this program wrote the file, so its content may have another meaning. */
    readonly isNewer?: boolean;
  };

/** What the daemon last wrote down; undefined where there is nothing, or nothing that can be read. */
export function readStates(file: string): States | undefined {
  try {
    const states: unknown = JSON.parse(readFile(file).replace(/^\uFEFF/, ''));
    if (isObject(states) && 'version' in states && Number(states.version) > STATES_VERSION)
      return { sessions: {}, isNewer: true };
    if (!isObject(states) || !('sessions' in states) || !isObject(states.sessions)) return undefined;
    const entries = Object.entries(states.sessions);
    const sessions = entries.filter(
      (entry): entry is [string, SessionRecord] => ID.test(entry[0]) && isRecord(entry[1]),
    );
    const notices = 'notices' in states && Array.isArray(states.notices) ? states.notices.filter(isNotice) : [];
    return { sessions: Object.fromEntries(sessions), notices };
  } catch {
    return undefined;
  }
}

/** A pipe in its place must not be waited for: the shell would have no prompt. */
function readFile(file: string): string {
  const descriptor = openSync(file, WITHOUT_WAITING);
  try {
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor, 'utf8') : '';
  } finally {
    closeSync(descriptor);
  }
}

/** As far as a prompt looks at it. */
function isRecord(value: unknown): boolean {
  if (!isObject(value) || !('state' in value) || !isObject(value.state)) return false;
  const { state } = value;
  return 'name' in state && (!('wakeAt' in state) || typeof state.wakeAt === 'number');
}

const isNotice = (value: unknown): value is Notice =>
  isObject(value) && 'code' in value && 'session' in value && typeof value.session === 'string';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
