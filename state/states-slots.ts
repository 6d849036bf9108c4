import { headerLine, SECTION_LINES, type StatesSection } from '../sdk/contract/states-layout.ts';

/** A change of one entry. Without `json` it is removed. */
export type Change = {
  readonly section: StatesSection;
  readonly key: string;
  /** The new value. */
  readonly json: string | undefined;
};

/** What the file holds, by section. */
export type Content = Readonly<Record<StatesSection, ReadonlyMap<string, unknown>>>;

type Entry = readonly [key: string, value: unknown];
type Entries = Readonly<Record<StatesSection, readonly Entry[]>>;

export type Write = { readonly at: number; readonly text: string };

/** Where an entry is: a comma or a space, the text, and spaces up to the end of the line. */
type Slot = {
  readonly at: number;
  /** How many bytes of text fit. */
  readonly room: number;
  used: number;
};

type Section = {
  /** In the order of the file. */
  readonly slots: Map<string, Slot>;
  /** Where the next line is added. */
  end: number;
  /** Lines may be added up to here. */
  limit: number;
};

/** A record grows to about this size with its first attempt. */
const MIN_ROOM = { members: 32, notices: 0, sessions: 768 } as const;
/** For notices that are raised later. Relative to the sessions, because a new layout costs as much as all of them. */
const SPARE = { bytes: 4_096, perSession: 128 } as const;

const STOP_MARK = 'stoppedAt';

/** The line in which the text ends, with its first character and its newline. */
const lineLength = (room: number): number => room + 2;
const roomFor = (bytes: number, min: number): number => Math.max(min, Math.ceil((bytes * 5) / 4 / 64) * 64);
const textOf = ({ section, key, json }: Change): string =>
  json === undefined ? '' : section === 'notices' ? json : `${JSON.stringify(key)}:${json}`;
const firstOf = ({ slots }: Section): Slot | undefined => slots.values().next().value;

/**
 * Where each entry of `states.json` is, so that a change overwrites its own line only. Pure: says what to write where.
 * The file is valid JSON after each write.
 */
export class Slots {
  readonly #sections: Readonly<Record<StatesSection, Section>>;
  #size = 0;
  #dead = 0;

  constructor(readonly id: string) {
    const section = (): Section => ({ slots: new Map(), end: 0, limit: 0 });
    this.#sections = { members: section(), notices: section(), sessions: section() };
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the file would be much smaller in a new layout. */
  get isWorn(): boolean {
    return this.#dead > SPARE.bytes && this.#dead > this.#size / 2;
  }

  /** The whole file, piece by piece. */
  layOut(version: number, { members, notices, sessions }: Content): Generator<string> {
    // Of this moment. What changes while the file is written is patched later.
    return this.#pieces(version, { members: [...members], notices: [...notices], sessions: [...sessions] });
  }

  *#pieces(version: number, { members, notices, sessions }: Entries): Generator<string> {
    yield this.#add(`${headerLine(version, this.id)}\n`);
    // The mark of a clean stop has its place in every file.
    const isMark = ([key]: Entry): boolean => key === STOP_MARK;
    yield* this.#layOutAll('members', [members.find(isMark) ?? [STOP_MARK, undefined]]);
    yield* this.#layOutAll(
      'members',
      members.filter(entry => !isMark(entry)),
    );
    yield this.#add(`${SECTION_LINES.notices}\n`);
    yield* this.#layOutAll('notices', notices);
    const before = this.#size;
    yield this.#add(`${' '.repeat(SPARE.bytes + SPARE.perSession * sessions.length + before)}\n`);
    Object.assign(this.#sections.notices, { end: before, limit: this.#size });
    yield this.#add(`${SECTION_LINES.sessions}\n`);
    yield* this.#layOutAll('sessions', sessions);
    Object.assign(this.#sections.sessions, { end: this.#size, limit: Infinity });
    yield this.#add(`${SECTION_LINES.end}\n`);
  }

  *#layOutAll(section: StatesSection, entries: readonly Entry[]): Generator<string> {
    for (const [key, value] of entries) yield this.#addLine({ section, key, json: JSON.stringify(value) });
  }

  #addLine(change: Change): string {
    const text = textOf(change);
    const { slots } = this.#sections[change.section];
    const used = Buffer.byteLength(text);
    const slot = { at: this.#size, room: roomFor(used, MIN_ROOM[change.section]), used };
    const lead = leadOf(change.section, slot, firstOf(this.#sections[change.section]) ?? slot);
    slots.set(change.key, slot);
    return this.#add(`${padded(lead + text, slot.room - used)}\n`);
  }

  #add(text: string): string {
    this.#size += Buffer.byteLength(text);
    return text;
  }

  /** What to write, one after another. Undefined if the changes need a new layout; this one is then of no use. */
  patch(changes: Iterable<Change>): readonly Write[] | undefined {
    const overwritten: Overwritten[] = [];
    const added: Change[] = [];
    const gone: Record<StatesSection, Slot[]> = { members: [], notices: [], sessions: [] };
    // As they are in the file until the lines that go are blanked.
    const { notices, sessions } = this.#sections;
    const firsts = { members: undefined, notices: firstOf(notices), sessions: firstOf(sessions) };
    for (const change of changes) {
      const { slots } = this.#sections[change.section];
      const slot = slots.get(change.key);
      const text = textOf(change);
      const used = Buffer.byteLength(text);
      if (slot && used <= slot.room && (used > 0 || change.section === 'members')) {
        const filled = Math.max(slot.used, used);
        slot.used = used;
        overwritten.push({ slot, line: leadOf(change.section, slot, firsts[change.section]) + text, filled });
        continue;
      }
      if (change.section === 'members') {
        if (used > 0) return undefined;
        continue;
      }
      if (slot) gone[change.section].push(slot);
      slots.delete(change.key);
      if (used > 0) added.push(change);
    }
    const additions = this.#append(added, gone);
    return (
      additions && [
        ...inRuns(overwritten),
        ...additions,
        ...this.#blank('notices', gone),
        ...this.#blank('sessions', gone),
      ]
    );
  }

  #append(added: readonly Change[], gone: Readonly<Record<StatesSection, readonly Slot[]>>): Write[] | undefined {
    const writes = { members: '', notices: '', sessions: '' };
    const starts = { notices: this.#sections.notices.end, sessions: this.#sections.sessions.end };
    for (const change of added) {
      const name = change.section;
      const section = this.#sections[name];
      const text = textOf(change);
      const used = Buffer.byteLength(text);
      const slot = { at: section.end, room: roomFor(used, MIN_ROOM[name]), used };
      // The lines that are about to go are still there.
      const lead = section.slots.size + gone[name].length > 0 ? ',' : ' ';
      section.slots.set(change.key, slot);
      section.end += lineLength(slot.room);
      if (section.end > section.limit) return undefined;
      writes[name] += `${padded(lead + text, slot.room - used)}\n`;
    }
    if (writes.sessions !== '') {
      writes.sessions += `${SECTION_LINES.end}\n`;
      this.#size = this.#sections.sessions.end + SECTION_LINES.end.length + 1;
    }
    return (['notices', 'sessions'] as const).flatMap(name =>
      writes[name] === '' ? [] : [{ at: starts[name], text: writes[name] }],
    );
  }

  /** From the last to the first, so that at most the last of these writes has to take the comma of the next line. */
  #blank(name: StatesSection, gone: Readonly<Record<StatesSection, readonly Slot[]>>): readonly Write[] {
    const first = firstOf(this.#sections[name])?.at ?? 0;
    return gone[name]
      .toSorted((a, b) => b.at - a.at)
      .map(({ at, room, used }, index, { length }) => {
        this.#dead += lineLength(room);
        const isFirst = index === length - 1 && at < first;
        return { at, text: ' '.repeat(isFirst ? first - at + 1 : 1 + used) };
      });
  }
}

/** The first notice and the first session have no comma before them, and an entry that is not there has none. */
const leadOf = (section: StatesSection, slot: Slot, first: Slot | undefined): string =>
  slot.used === 0 || (section !== 'members' && slot === first) ? ' ' : ',';

const padded = (text: string, spaces: number): string => text + ' '.repeat(Math.max(0, spaces));

type Overwritten = { readonly slot: Slot; readonly line: string; readonly filled: number };

/** Lines that follow each other are written at once. */
function inRuns(lines: readonly Overwritten[]): readonly Write[] {
  const sorted = lines.toSorted((a, b) => a.slot.at - b.slot.at);
  const writes: { at: number; text: string }[] = [];
  let run: { at: number; text: string } | undefined;
  sorted.forEach(({ slot, line, filled }, index) => {
    const isFollowed = sorted[index + 1]?.slot.at === slot.at + lineLength(slot.room);
    const text = isFollowed ? `${padded(line, slot.room - slot.used)}\n` : padded(line, filled - slot.used);
    if (run) run.text += text;
    else writes.push((run = { at: slot.at, text }));
    if (!isFollowed) run = undefined;
  });
  return writes;
}
