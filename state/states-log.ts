import { open, rm, type FileHandle } from 'node:fs/promises';
import { isRecord } from '../sdk/base/json.ts';
import type { Notice, SessionRecord } from '../sdk/contract/session.ts';
import { noticeSchema } from '../sdk/contract/notice-schema.ts';
import { sessionRecordSchema } from '../sdk/contract/session-schema.ts';
import type { StatesSection } from '../sdk/contract/states-layout.ts';
import { overwrite, syncFolderOf } from '../runtime/files/durable.ts';
import { isTooDeep, parseJson } from '../runtime/files/own-file.ts';
import type { Change } from './states-slots.ts';

/** The last change of each entry in a log. Null: it was removed. */
export type Changes = {
  readonly members: ReadonlyMap<string, unknown>;
  readonly notices: ReadonlyMap<string, Notice | null>;
  readonly sessions: ReadonlyMap<string, SessionRecord | null>;
};

export const NO_CHANGES: Changes = { members: new Map(), notices: new Map(), sessions: new Map() };

/** `{"sessions":{"codex":{…}}}`; null instead of the value if it was removed. */
const lineOf = ({ section, key, json = 'null' }: Change): string => `{"${section}":{${JSON.stringify(key)}:${json}}}\n`;
const firstLineOf = (id: string): string => `{"changes":"${id}"}\n`;
const FIRST_LINE = /^\{"changes":"([0-9a-f]{16})"\}$/;

const ACCEPTS: Readonly<Record<StatesSection, (value: unknown) => boolean>> = {
  members: () => true,
  notices: value => value === null || noticeSchema.safeParse(value).success,
  sessions: value => value === null || sessionRecordSchema.safeParse(value).success,
};
const isSection = (name: string): name is StatesSection => Object.hasOwn(ACCEPTS, name);

export type ParsedLog = {
  /** The log belongs to the file with this id. Undefined for a log without a change. */
  readonly id?: string | undefined;
  readonly changes: Changes;
  /** Whether every line was understood. A last line without its newline was never confirmed, and does not count. */
  readonly isSound: boolean;
};

export function parseLog(text: string): ParsedLog {
  const changes = { members: new Map(), notices: new Map(), sessions: new Map() };
  const [first, ...lines] = text.split('\n').slice(0, -1);
  if (first === undefined) return { changes, isSound: true };
  const [, id] = FIRST_LINE.exec(first) ?? [];
  const entries = lines.map(entryOf);
  for (const entry of entries) if (entry) changes[entry.section].set(entry.key, entry.value);
  return { id, changes, isSound: id !== undefined && !entries.includes(undefined) };
}

/** Undefined for a line that we did not write. */
function entryOf(line: string) {
  const [section, entries] = onlyMember(parseJson(line)) ?? [];
  const [key, value] = onlyMember(entries) ?? [];
  if (section === undefined || key === undefined || !isSection(section)) return undefined;
  return !isTooDeep(value) && ACCEPTS[section](value) ? { section, key, value } : undefined;
}

function onlyMember(json: unknown): [name: string, value: unknown] | undefined {
  const members = Object.entries(isRecord(json) ? json : {});
  return members.length === 1 ? members[0] : undefined;
}

/** `states-changes.jsonl`: the changes since `states.json` was last synced, one line each. */
export class ChangeLog {
  #id: string | undefined;
  #handle: FileHandle | undefined;
  /** Up to here it is on disk. */
  #size = 0;
  #isTorn = false;

  constructor(private readonly file: string) {}

  get size(): number {
    return this.#size;
  }

  /** Whether changes can be appended: it is not, before the first `begin` and after a failed sync. */
  get isUsable(): boolean {
    return this.#id !== undefined;
  }

  /** Whether what was appended can still be found. */
  async isInPlace(): Promise<boolean> {
    const facts = await this.#handle?.stat();
    return !facts || (facts.nlink > 0 && facts.size >= this.#size);
  }

  /** Begins an empty log that belongs to this layout of `states.json`, which has all changes so far. */
  async begin(id: string): Promise<void> {
    await this.close();
    this.#id = id;
  }

  /** Resolves when the changes are on disk. After an error they are not in the log. */
  async append(changes: readonly Change[]): Promise<void> {
    const { isNew, handle } = await this.#open();
    const text = (this.#size === 0 ? firstLineOf(this.#id ?? '') : '') + changes.map(lineOf).join('');
    const bytes = Buffer.from(text);
    if (this.#isTorn) await handle.truncate(this.#size);
    this.#isTorn = true;
    await overwrite(handle, bytes, this.#size);
    try {
      await handle.datasync();
      if (isNew) await syncFolderOf(this.file);
    } catch (error) {
      // The system may have given up what it could not write, and a second sync would succeed without it.
      await this.close();
      throw error;
    }
    this.#isTorn = false;
    this.#size += bytes.length;
  }

  /** Called when `states.json` has all changes on disk. */
  async clear(): Promise<void> {
    if (this.#size === 0) return;
    await this.#handle?.truncate(0);
    this.#size = 0;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.file, { force: true });
  }

  /** It stays as it is. Changes can be appended after the next `begin`. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#id = undefined;
    this.#handle = undefined;
    this.#size = 0;
    this.#isTorn = false;
    await handle?.close().catch(() => {}); // What it had is in `states.json`, or was not confirmed.
  }

  async #open(): Promise<{ readonly isNew: boolean; readonly handle: FileHandle }> {
    if (this.#handle) return { isNew: false, handle: this.#handle };
    await rm(this.file, { force: true });
    const handle = await open(this.file, 'wx', 0o600);
    this.#handle = handle;
    return { isNew: true, handle };
  }
}
