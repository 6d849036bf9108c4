import { isRecord } from '../sdk/base/json.ts';
import { hasEnd, headerOf, linesOf, valueOf, type StatesSection } from '../sdk/contract/states-layout.ts';
import { isTooDeep, parseJson, parseWhole, writable, type Parsed } from '../runtime/files/own-file.ts';
import { NO_CHANGES, type Changes, type ParsedLog } from './states-log.ts';

export type ParsedStates = Parsed & {
  /** The id of its log. Undefined for a file in another layout than ours. */
  readonly id?: string;
};

type Entries = Readonly<Record<StatesSection, Map<string, unknown>>>;

/** The content of `states.json` with the changes of its log. A log that belongs to another file has no effect. */
export function parseStates(text: string, { id, changes }: Pick<ParsedLog, 'id' | 'changes'>): ParsedStates {
  const header = headerOf(text);
  if (!header) return parseWhole(text);
  const later = id === header.changes ? changes : NO_CHANGES;
  const ofLines = entriesOfLines(text, later);
  const { members, notices, sessions } = withChanges(
    ofLines.isSound ? ofLines.entries : (entriesOf(text) ?? ofLines.entries),
    later,
  );
  const json = {
    ...Object.fromEntries(members),
    version: header.version,
    sessions: Object.fromEntries(sessions),
    notices: [...notices.values()],
  };
  return { json, isSound: ofLines.isSound, id: header.changes };
}

function entriesOfLines(text: string, later: Changes): { readonly entries: Entries; readonly isSound: boolean } {
  const entries: Entries = { members: new Map(), notices: new Map(), sessions: new Map() };
  let isSound = true;
  let isInLog = false;
  for (const { section, key, json } of linesOf(text)) {
    // A crash may have damaged this line, or left an older one beside it. The log has the right one.
    isInLog = key !== undefined && later[section].has(key);
    if (isInLog) continue;
    const value = soundValueOf(json);
    if (key === undefined || value === undefined || entries[section].has(key)) isSound = false;
    if (key !== undefined && value !== undefined) entries[section].set(key, value);
  }
  // A line that was being added when the process was killed has overwritten the end.
  return { entries, isSound: isSound && (hasEnd(text) || isInLog) };
}

/** Undefined if reading it loses something, such as digits of a large number. */
function soundValueOf(json: string): unknown {
  const value = valueOf(json);
  return value !== undefined && !isTooDeep(value) && JSON.stringify(value) === json ? value : undefined;
}

/** Of a file whose lines are not as we write them, but which is JSON. */
function entriesOf(text: string): Entries | undefined {
  const json = writable(parseJson(text));
  if (!isRecord(json)) return undefined;
  const { version: _version, changes: _changes, sessions, notices, ...members } = json;
  const byId = (Array.isArray(notices) ? notices : []).map((notice: unknown, index): [string, unknown] => [
    isRecord(notice) ? String(notice['id']) : String(index),
    notice,
  ]);
  return {
    members: new Map(Object.entries(members)),
    notices: new Map(byId),
    sessions: new Map(Object.entries(isRecord(sessions) ? sessions : {})),
  };
}

function withChanges(entries: Entries, later: Changes): Entries {
  for (const section of ['members', 'notices', 'sessions'] as const)
    for (const [key, value] of later[section]) {
      if (value === null) entries[section].delete(key);
      else entries[section].set(key, value);
    }
  return entries;
}
