import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isRecord } from '../../../sdk/base/json.ts';
import { isPluginId } from '../../../sdk/base/plugin-id.ts';
import { WITHOUT_WAITING } from '../../../sdk/system/plain-file.ts';
import type { Notice, SessionRecord, StatesFile } from '../../../sdk/contract/session.ts';

export type States = Pick<StatesFile, 'sessions'> & Partial<Pick<StatesFile, 'notices'>>;

/** What the daemon last wrote down; undefined where there is nothing, or nothing that can be read. */
export function readStates(file: string): States | undefined {
  try {
    const states: unknown = JSON.parse(readFile(file).replace(/^\uFEFF/, ''));
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
function isSessionRecord(value: unknown): boolean {
  if (!isRecord(value) || !('state' in value) || !isRecord(value.state)) return false;
  const { state } = value;
  return 'name' in state && (!('wakeAt' in state) || typeof state.wakeAt === 'number');
}

const isNotice = (value: unknown): value is Notice =>
  isRecord(value) && 'code' in value && 'session' in value && typeof value.session === 'string';
