import { constants } from 'node:fs';
import { systemError, type Node } from '../world/disk.ts';
import { FileNode } from '../world/file-node.ts';
import type { Program } from '../world/program.ts';

/** What a file is opened for. */
export type Flag = {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly append: boolean;
  readonly truncate: boolean;
};

/** Flags as Node takes them: a number, or a text such as `wx`. */
export function flagsOf(given: string | number = 'r'): Flag {
  if (typeof given === 'number') {
    const has = (bit: number) => (given & bit) !== 0;
    const write = has(constants.O_WRONLY) || has(constants.O_RDWR);
    const [create, exclusive] = [has(constants.O_CREAT), has(constants.O_EXCL)];
    return {
      read: !has(constants.O_WRONLY),
      write,
      create,
      exclusive,
      append: has(constants.O_APPEND),
      truncate: has(constants.O_TRUNC),
    };
  }
  const append = given.startsWith('a');
  const create = append || given.startsWith('w');
  return {
    read: given.startsWith('r') || given.includes('+'),
    write: create || given.includes('+'),
    create,
    exclusive: given.includes('x'),
    append,
    truncate: given.startsWith('w'),
  };
}

/** A file that is on no disk, as those of /proc. */
export const memoryFile = (text: string): FileNode => {
  const file = new FileNode({ ino: 0, birth: 0, mode: 0o444, mtime: 0, links: 1 });
  file.write(Buffer.from(text), 0, 0);
  return file;
};

/** An open file or folder. It stays what it is when its name is given to another. */
export class OpenFile {
  #position = 0;

  constructor(
    private readonly disk: Program['machine']['disk'],
    readonly node: Node,
    private readonly flag: Flag,
  ) {}

  get file(): FileNode {
    if (this.node.kind !== 'file') throw systemError('EISDIR', 'read');
    return this.node;
  }

  content(): Buffer {
    return Buffer.from(this.file.bytes);
  }

  append(bytes: Uint8Array): void {
    const at = this.flag.append ? this.file.size : this.#position;
    this.disk.write(this.file, bytes, at);
    this.#position = at + bytes.length;
  }

  write(bytes: Uint8Array, position: number | null | undefined): number {
    if (typeof position === 'number' && !this.flag.append) this.disk.write(this.file, bytes, position);
    else this.append(bytes);
    return bytes.length;
  }

  read(into: Uint8Array, position: number | null | undefined): number {
    const from = position ?? this.#position;
    const read = this.file.bytes.subarray(from, from + into.length);
    into.set(read);
    if (typeof position !== 'number') this.#position = from + read.length;
    return read.length;
  }

  sync(): void {
    this.disk.sync(this.node);
  }

  truncate(size: number): void {
    this.disk.truncate(this.file, size);
  }
}
