import { EventEmitter } from 'node:events';
import { constants } from 'node:fs';
import { basename, resolve } from 'node:path/posix';
import { systemError, type Node } from '../world/disk.ts';
import { FileNode } from '../world/file-node.ts';
import type { Program } from '../world/program.ts';
import { proc } from './proc.ts';

// Node's file system, as far as the product uses it, on the disk of a simulated machine. Each call of `node:fs/promises`
// takes a moment, and is done in one step at its end. The synchronous calls take no time.

type Flags = { readonly read: boolean; readonly write: boolean; readonly create: boolean; readonly exclusive: boolean };
type Flag = Flags & { readonly append: boolean; readonly truncate: boolean };

function flagsOf(given: string | number = 'r'): Flag {
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

/** The facts of a node as Node shows them. Times are dates of the program's clock. */
export class Stats {
  readonly dev = 1;
  readonly uid = 1000;
  readonly gid = 1000;
  readonly ino: number | bigint;
  readonly size: number | bigint;
  readonly mode: number;
  readonly nlink: number;
  readonly mtimeMs: number;
  readonly birthtimeMs: number;
  readonly mtimeNs: bigint;
  readonly birthtimeNs: bigint;
  readonly #kind: Node['kind'];

  constructor(node: Node, bigint: boolean) {
    const size = node.kind === 'file' ? node.size : 4096;
    this.ino = bigint ? BigInt(node.ino) : node.ino;
    this.size = bigint ? BigInt(size) : size;
    this.mode = node.mode;
    this.nlink = node.links;
    this.mtimeMs = node.mtime;
    this.birthtimeMs = node.birth;
    this.mtimeNs = BigInt(Math.round(node.mtime * 1e6));
    this.birthtimeNs = BigInt(Math.round(node.birth * 1e6));
    this.#kind = node.kind;
  }

  isFile = (): boolean => this.#kind === 'file';
  isDirectory = (): boolean => this.#kind === 'folder';
  isSymbolicLink = (): boolean => this.#kind === 'link';
}

type Options = {
  readonly encoding?: string;
  readonly mode?: number;
  readonly flag?: string;
  readonly bigint?: boolean;
};
type Given = string | Options | null | undefined;
const encodingOf = (given: Given) =>
  (typeof given === 'string' ? given : given?.encoding) as BufferEncoding | undefined;
const decoded = (bytes: Buffer, given: Given) => (encodingOf(given) ? bytes.toString(encodingOf(given)) : bytes);
const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);

/** The calls of one program, done at once. */
export function calls(program: Program) {
  const { disk } = program.machine;
  const virtual = proc(program);
  const at = (path: unknown) =>
    typeof path === 'string' && path.startsWith('/')
      ? path
      : resolve(program.env['PWD'] ?? '/', String(path).replace(/^file:\/\//, ''));

  function open(given: unknown, flags?: string | number, mode = 0o666): OpenFile {
    const path = at(given);
    const text = virtual.read(path);
    const flag = flagsOf(flags);
    if (text !== undefined) return new OpenFile(disk, memoryFile(text), flag);
    const found = disk.find(path, 'open');
    if (found && flag.exclusive && flag.create) throw systemError('EEXIST', 'open', path);
    if (!found && !flag.create) throw systemError('ENOENT', 'open', path);
    const node = found ?? disk.createFile(path, mode & ~0o077, 'open');
    if (node.kind === 'folder' && flag.write) throw systemError('EISDIR', 'open', path);
    if (flag.truncate && node.kind === 'file' && node.size > 0) disk.truncate(node, 0);
    return new OpenFile(disk, node, flag);
  }

  const stat = (path: unknown, { bigint = false }: Options = {}, follow = true): Stats => {
    const node = virtual.has(at(path)) ? memoryFile('') : disk.get(at(path), follow ? 'stat' : 'lstat', follow);
    return new Stats(node, bigint);
  };
  const readFile = (path: unknown, given?: Given) => {
    const file = open(path);
    return decoded(file.content(), given);
  };
  const writeFile = (path: unknown, data: string | Uint8Array, given?: Given) => {
    const { flag = 'w', mode } = typeof given === 'object' && given !== null ? given : {};
    open(path, flag, mode).append(bytesOf(data));
  };
  return {
    open,
    exists: (path: unknown): boolean => virtual.has(at(path)) || disk.find(at(path), 'stat') !== undefined,
    stat,
    lstat: (path: unknown, options?: Options) => stat(path, options, false),
    readFile,
    writeFile,
    appendFile: (path: unknown, data: string | Uint8Array) => open(path, 'a').append(bytesOf(data)),
    readdir: (path: unknown): string[] => {
      const listed = virtual.list(at(path));
      if (listed) return [...listed];
      const node = disk.get(at(path), 'scandir');
      if (node.kind !== 'folder') throw systemError('ENOTDIR', 'scandir', at(path));
      return [...node.entries.keys()].toSorted();
    },
    mkdir: (path: unknown, options?: { readonly recursive?: boolean; readonly mode?: number }): string | undefined => {
      if (!options?.recursive) return void disk.createFolder(at(path), (options?.mode ?? 0o777) & ~0o077);
      let made: string | undefined;
      const names = at(path).split('/').filter(Boolean);
      for (let depth = 1; depth <= names.length; depth += 1) {
        const folder = `/${names.slice(0, depth).join('/')}`;
        if (disk.find(folder, 'mkdir')) continue;
        disk.createFolder(folder, (options.mode ?? 0o777) & ~0o077);
        made ??= folder;
      }
      return made;
    },
    rmdir: (path: unknown) => disk.removeFolder(at(path)),
    unlink: (path: unknown) => disk.unlink(at(path)),
    rm: (path: unknown, options?: { readonly force?: boolean }) => {
      if (options?.force && !disk.find(at(path), 'rm', false)) return;
      disk.unlink(at(path));
    },
    rename: (from: unknown, to: unknown) => disk.rename(at(from), at(to)),
    readlink: (path: unknown): string => {
      const target = virtual.link(at(path));
      if (target !== undefined) return target;
      const node = disk.get(at(path), 'readlink', false);
      if (node.kind !== 'link') throw systemError('EINVAL', 'readlink', at(path));
      return node.target;
    },
    realpath: (path: unknown): string => disk.realPath(at(path), 'realpath'),
    access: (path: unknown) => void disk.get(at(path), 'access'),
    chmod: (path: unknown, mode: number) => void (disk.get(at(path), 'chmod').mode = mode),
    utimes: (path: unknown, _atime: number, mtime: number) => {
      const node = disk.get(at(path), 'utime');
      node.mtime = mtime * 1_000;
      disk.touched(node);
    },
  };
}

const memoryFile = (text: string): FileNode => {
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

/** `fs.watch` for a folder. */
export function watchFolder(program: Program, path: string, changed: (event: string, name: string) => void) {
  const { disk } = program.machine;
  const node = disk.get(resolve(path), 'watch');
  const listener = (folder: Node, name: string): void => {
    if (folder === node) program.after(program.random.between(0.1, 2), () => changed('change', name));
  };
  disk.watchers.add(listener);
  const close = () => void disk.watchers.delete(listener);
  program.onEnd(close);
  return Object.assign(new EventEmitter(), { close, name: basename(path) });
}
