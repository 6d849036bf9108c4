import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { moveIntoPlace, openTemporary, overwrite, removeTemporary } from '../runtime/files/durable.ts';
import { patiently } from '../sdk/system/patient.ts';
import { inTurn } from '../sdk/base/in-turn.ts';
import { STATES_VERSION } from '../sdk/contract/session.ts';
import { Slots, type Change, type Content } from './states-slots.ts';

/** While changes come, the file is at most this far behind. */
const PATCH_EVERY_MS = 200;
const CHUNK_BYTES = 1024 * 1024;

/** Which file it is, and whether it was written since. As bigint, because Windows uses all 64 bits. */
type Facts = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

/**
 * `states.json`, in which each change overwrites one line. Only a file that is as this object left it is changed: a
 * user may edit it, or copy an older one over it, and another kernel replaces it.
 */
export class StatesFile {
  readonly #inTurn = inTurn();
  readonly #unwritten = new Map<string, Change>();
  #slots: Slots | undefined;
  /** The file after our last write. */
  #left: Facts | undefined;
  #timer: NodeJS.Timeout | undefined;
  #patchedAt = -Infinity;

  constructor(
    private readonly file: string,
    private readonly content: Content,
  ) {}

  get size(): number {
    return this.#slots?.size ?? 0;
  }

  get needsLayout(): boolean {
    return !this.#slots || this.#slots.isWorn;
  }

  /** Whether the file is as this object left it. */
  isInPlace(): Promise<boolean> {
    return this.#inTurn(async () => isSame(await factsOf(this.file).catch(() => undefined), this.#left));
  }

  /** Writes the whole file. Resolves to its id when it is on disk. */
  layOut(): Promise<string> {
    return this.#inTurn(async () => {
      const slots = new Slots(randomBytes(8).toString('hex'));
      this.#unwritten.clear();
      const { file, handle } = await openTemporary(this.file);
      try {
        await writeAll(handle, slots.layOut(STATES_VERSION, this.content));
        await handle.sync();
        await handle.close();
        const left = await factsOf(file);
        await moveIntoPlace(file, this.file);
        this.#slots = slots;
        this.#left = left;
      } catch (error) {
        this.#slots = undefined;
        await handle.close().catch(() => {}); // The first error is the useful one.
        await removeTemporary(file).catch(() => {});
        throw error;
      }
      return slots.id;
    });
  }

  /** Shows these changes soon: at once, unless others were shown just before. */
  show(changes: readonly Change[]): void {
    for (const change of changes) this.#unwritten.set(`${change.section} ${change.key}`, change);
    const wait = this.#patchedAt + PATCH_EVERY_MS - performance.now();
    this.#timer ??= setTimeout(() => void this.showNow(), Math.max(0, wait));
  }

  /** Resolves when the file shows all changes. If that fails, the next change lays it out again. */
  showNow(): Promise<void> {
    return this.#inTurn(() => this.#patch().catch(() => this.#forget()));
  }

  /** Resolves to whether all changes are on disk. */
  async sync(): Promise<boolean> {
    await this.showNow();
    return this.#inTurn(async () => {
      const handle = await this.#open();
      try {
        await handle?.datasync();
        return handle !== undefined;
      } finally {
        await handle?.close();
      }
    });
  }

  async #patch(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    this.#patchedAt = performance.now();
    const changes = [...this.#unwritten.values()];
    this.#unwritten.clear();
    const handle = await this.#open();
    try {
      const writes = handle && this.#slots?.patch(changes);
      if (!handle || !writes) return this.#forget();
      for (const { at, text } of writes) await overwrite(handle, Buffer.from(text), at);
    } finally {
      await handle?.close();
    }
    await this.#noteWrite();
  }

  /** Windows sets the time of a write when the file is closed. */
  async #noteWrite(): Promise<void> {
    const facts = await factsOf(this.file);
    if (isSameFile(facts, this.#left) && Number(facts.size) === this.#slots?.size) this.#left = facts;
    else this.#forget();
  }

  /** Undefined if the file is not as this object left it. */
  async #open(): Promise<FileHandle | undefined> {
    const handle = await patiently(() => open(this.file, 'r+'));
    const facts = await handle.stat({ bigint: true }).catch(() => undefined);
    if (facts && isSame(facts, this.#left)) return handle;
    await handle.close();
    return undefined;
  }

  #forget(): void {
    this.#slots = undefined;
    this.#left = undefined;
  }
}

const factsOf = (file: string): Promise<Facts> => stat(file, { bigint: true });

const isSameFile = (one: Facts | undefined, other: Facts | undefined): boolean =>
  one !== undefined && one.ino === other?.ino && one.dev === other.dev;

const isSame = (one: Facts | undefined, other: Facts | undefined): boolean =>
  isSameFile(one, other) && one?.size === other?.size && one?.mtimeNs === other?.mtimeNs;

/** In large chunks, between which other work goes on. */
async function writeAll(handle: FileHandle, pieces: Iterable<string>): Promise<void> {
  let at = 0;
  let chunk = '';
  const write = async () => {
    const bytes = Buffer.from(chunk);
    chunk = '';
    await overwrite(handle, bytes, at);
    at += bytes.length;
  };
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK_BYTES) await write();
  }
  await write();
}
