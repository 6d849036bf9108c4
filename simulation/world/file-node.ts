import type { Facts, Place } from './disk.ts';
import type { Random } from './random.ts';

/** A change that may not be on the disk yet, and what was there before. */
type Change = { readonly at: number; readonly before: Buffer; readonly size: number; readonly when: number };

/** The system writes to the disk what is older than this, in milliseconds, also if nothing asks it to. */
const FLUSHED_MS = 30_000;

/** A file: its content as programs see it, and what of that is not on the disk yet. */
export class FileNode {
  readonly kind = 'file';
  readonly ino: number;
  readonly birth: number;
  mode: number;
  mtime: number;
  links: number;
  place?: Place;
  #buffer = Buffer.alloc(0);
  #size = 0;
  #unsynced: Change[] = [];

  constructor({ ino, birth, mode, mtime, links }: Facts) {
    this.ino = ino;
    this.birth = birth;
    this.mode = mode;
    this.mtime = mtime;
    this.links = links;
  }

  get size(): number {
    return this.#size;
  }

  /** The content. It changes when the file does. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  write(bytes: Uint8Array, at: number, now: number): void {
    this.#note(at, bytes.length, now);
    const end = at + bytes.length;
    this.#reserve(end);
    this.#buffer.set(bytes, at);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number, now: number): void {
    this.#note(size, Math.max(0, this.#size - size), now);
    this.#reserve(size);
    this.#buffer.fill(0, Math.min(size, this.#size), Math.max(size, this.#size));
    this.#size = size;
  }

  sync(): void {
    this.#unsynced = [];
  }

  /** Of what was not synced, the disk has the first changes, and perhaps a part of the next. */
  cutPower(random: Random, now: number): void {
    const young = this.#unsynced.filter(({ when }) => now - when < FLUSHED_MS);
    const kept = random.below(young.length + 1);
    for (const { at, before, size } of young.slice(kept).toReversed()) {
      this.#buffer.set(before, at);
      // A file that grew may have its new size before its content.
      this.#size = random.chance(0.2) ? Math.max(size, this.#size) : size;
      if (this.#size > size) this.#buffer.fill(0, size, this.#size);
    }
    this.#unsynced = [];
  }

  #note(at: number, length: number, now: number): void {
    this.mtime = now;
    const before = Buffer.from(this.#buffer.subarray(at, Math.min(at + length, this.#size)));
    this.#unsynced.push({ at, before, size: this.#size, when: now });
    if (this.#unsynced.length > 64) this.#unsynced = this.#unsynced.filter(({ when }) => now - when < FLUSHED_MS);
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(size, this.#buffer.length * 2, 64));
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
  }
}
