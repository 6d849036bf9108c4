/** The parts of `states.json` whose entries are lines. */
export type StatesSection = 'members' | 'notices' | 'sessions';

/** The first line. The log with this id has changes that the file may not show yet. */
export const headerLine = (version: number, changes: string): string => `{"version":${version},"changes":"${changes}"`;
const HEADER = /^\{"version":([1-9]\d*),"changes":"([0-9a-f]{16})"\n/;

/** The lines between the sections. */
export const SECTION_LINES = { notices: ',"notices":[', sessions: '],"sessions":{', end: '}}' } as const;

export type StatesHeader = { readonly version: number; readonly changes: string };

/** Undefined for a file in another layout: one of an older version, or one that was edited. */
export function headerOf(text: string): StatesHeader | undefined {
  const [, version, changes] = HEADER.exec(text) ?? [];
  return changes === undefined ? undefined : { version: Number(version), changes };
}

/** A line with an entry. */
export type StatesLine = {
  readonly section: StatesSection;
  /** The name of the member, or the id of the notice or session. Undefined if it cannot be read. */
  readonly key: string | undefined;
  /** The value, as JSON. */
  readonly json: string;
};

/**
 * The entries of a file in our layout: one member, notice or session in each line, after a comma or a space, and filled
 * up with spaces. A write that a crash interrupted damages one line, and the others can be read.
 */
export function* linesOf(text: string): Generator<StatesLine> {
  let section: StatesSection = 'members';
  for (let start = text.indexOf('\n') + 1; start > 0 && start < text.length;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    start = end + 1;
    if (line === SECTION_LINES.notices && section === 'members') section = 'notices';
    else if (line === SECTION_LINES.sessions && section === 'notices') section = 'sessions';
    else if (line === SECTION_LINES.end && section === 'sessions' && start === text.length) return;
    else if (line !== '') yield lineOf(section, line);
  }
}

/** Whether the file has its last line. */
export const hasEnd = (text: string): boolean => text.endsWith(`\n${SECTION_LINES.end}\n`);

/** A member or session has its key before the value, a notice usually at its beginning. */
const KEYED = /^,?("(?:[^"\\]|\\.)*"):/;
const NOTICE = /^,?(?=\{"id":("(?:[^"\\]|\\.)*"))/;

function lineOf(section: StatesSection, line: string): StatesLine {
  const [before = '', id] = (section === 'notices' ? NOTICE : KEYED).exec(line) ?? [];
  const json = section === 'notices' ? line.replace(/^,/, '') : line.slice(before.length);
  const key = id !== undefined ? valueOf(id) : section === 'notices' ? Object(valueOf(json)).id : undefined;
  return { section, key: typeof key === 'string' ? key : undefined, json };
}

/** Undefined for text that is not JSON. */
export function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The content of a `states.json`. If an interrupted write damaged it, that of the lines that can be read. */
export function readableContent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const header = headerOf(text);
    if (!header) throw error;
    const entries: Record<StatesSection, [string, unknown][]> = { members: [], notices: [], sessions: [] };
    for (const { section, key, json } of linesOf(text)) {
      const value = valueOf(json);
      if (key !== undefined && value !== undefined) entries[section].push([key, value]);
    }
    const notices = Object.values(Object.fromEntries(entries.notices));
    const members = Object.fromEntries(entries.members);
    return { ...members, version: header.version, notices, sessions: Object.fromEntries(entries.sessions) };
  }
}
