import { resolve } from 'node:path/posix';
import { FileNode } from './file-node.ts';
import { pathOf } from './paths.ts';
import type { Random } from './random.ts';

export type FolderNode = { readonly kind: 'folder'; readonly entries: Map<string, Node> } & Facts;
export type LinkNode = { readonly kind: 'link'; readonly target: string } & Facts;
export type Node = FolderNode | FileNode | LinkNode;
export type Facts = {
  readonly ino: number;
  readonly birth: number;
  mode: number;
  mtime: number;
  links: number;
  /** Where it was last put. */
  place?: Place;
};
export type Place = { readonly folder: FolderNode; readonly name: string };

/** An error as Node's file system throws it. */
export function systemError(code: string, syscall: string, path?: string): Error {
  // Most are expected, and writing down where each came from takes longer than all else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`${code}: ${syscall}${path === undefined ? '' : ` '${path}'`}`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code, syscall, errno: -1, ...(path !== undefined && { path }) });
}

/** A change of a folder's entries that is not on the disk yet. */
type Pending = Place & { readonly before: Node | undefined };

export type Watcher = (folder: FolderNode, name: string) => void;

/**
 * The disk of a simulated machine, and what the system keeps of it in memory. What a program wrote is seen by all at
 * once, but survives a power cut only if it was synced: without that, a file may keep its former content, or a part of
 * the new one, and a folder its former entries. Changes of entries reach the disk in order, as a journal writes them.
 */
export class Disk {
  #ino = 1;
  readonly root: FolderNode;
  readonly #pending: Pending[] = [];
  readonly watchers = new Set<Watcher>();
  /** How much more can be written. */
  free = Infinity;
  isReadOnly = false;
  /** How often it has refused to write. */
  refusals = 0;
  /** Called with each file that is synced. */
  onSync: (file: FileNode) => void = () => undefined;

  constructor(private readonly now: () => number) {
    this.root = this.#folder(0o755);
  }

  /** Whether it takes all writes, and did since `refusals` was this number. */
  takesAllSince(refusals: number): boolean {
    return this.free === Infinity && !this.isReadOnly && this.refusals === refusals;
  }

  /** The node at a path; undefined if there is none. */
  find(path: string, syscall: string, follow = true): Node | undefined {
    return this.#walk(path, syscall, follow, 0);
  }

  /** Throws `ENOENT` if there is none. */
  get(path: string, syscall: string, follow = true): Node {
    const found = this.find(path, syscall, follow);
    if (!found) throw systemError('ENOENT', syscall, path);
    return found;
  }

  realPath(path: string, syscall: string): string {
    let real = '';
    for (const name of pathOf(path).names) {
      const next = `${real}/${name}`;
      const node = this.get(next, syscall, false);
      real = node.kind === 'link' ? this.realPath(resolve(real || '/', node.target), syscall) : next;
      if (real === '/') real = '';
    }
    return real || '/';
  }

  createFile(path: string, mode: number, syscall: string): FileNode {
    this.#writable(syscall, path);
    const place = this.#placeOf(path, syscall);
    const file = new FileNode(this.#facts(mode));
    this.#set(place, file);
    return file;
  }

  createFolder(path: string, mode: number): void {
    this.#writable('mkdir', path);
    this.#set(this.#freePlace(path, 'mkdir'), this.#folder(mode));
  }

  createLink(path: string, target: string): void {
    this.#set(this.#freePlace(path, 'symlink'), { kind: 'link', target, ...this.#facts(0o777) });
  }

  removeFolder(path: string): void {
    this.#writable('rmdir', path);
    const node = this.get(path, 'rmdir', false);
    if (node.kind !== 'folder') throw systemError('ENOTDIR', 'rmdir', path);
    if (node.entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
    this.#set(this.#placeOf(path, 'rmdir'), undefined);
  }

  unlink(path: string): void {
    this.#writable('unlink', path);
    const node = this.get(path, 'unlink', false);
    if (node.kind === 'folder') throw systemError('EISDIR', 'unlink', path);
    this.#set(this.#placeOf(path, 'unlink'), undefined);
    node.links -= 1;
  }

  rename(from: string, to: string): void {
    this.#writable('rename', from);
    const node = this.get(from, 'rename', false);
    const replaced = this.find(to, 'rename', false);
    if (replaced?.kind === 'folder' && node.kind !== 'folder') throw systemError('EISDIR', 'rename', to);
    if (replaced && replaced !== node) replaced.links -= 1;
    this.#set(this.#placeOf(to, 'rename'), node);
    if (replaced !== node) this.#set(this.#placeOf(from, 'rename'), undefined);
  }

  write(file: FileNode, bytes: Uint8Array, at: number): void {
    this.#writable('write');
    const grown = Math.max(0, at + bytes.length - file.size);
    if (grown > this.free) throw this.#refusal('ENOSPC', 'write');
    this.free -= grown;
    file.write(bytes, at, this.now());
    this.touched(file);
  }

  truncate(file: FileNode, size: number): void {
    this.#writable('ftruncate');
    this.free += Math.max(0, file.size - size);
    file.truncate(size, this.now());
    this.touched(file);
  }

  /** What is written of this node, and of a folder's entries, is on the disk afterwards. */
  sync(node: Node): void {
    if (node.kind === 'file') {
      node.sync();
      this.onSync(node);
    }
    // A journal holds the changes of all folders, and writes them in order.
    if (node.kind === 'folder') this.#pending.length = 0;
  }

  syncAll(): void {
    for (const file of filesBelow(this.root)) file.sync();
    this.#pending.length = 0;
  }

  /** All files, for who looks at what is on the disk. */
  files(): Iterable<FileNode> {
    return filesBelow(this.root);
  }

  /** What a power cut leaves. Of what was not synced, any part may be on the disk. */
  cutPower(random: Random): void {
    const kept = random.below(this.#pending.length + 1);
    for (const { folder, name, before } of this.#pending.splice(kept).toReversed()) put({ folder, name }, before);
    this.#pending.length = 0;
    for (const file of filesBelow(this.root)) file.cutPower(random, this.now());
  }

  #walk(path: string, syscall: string, follow: boolean, depth: number): Node | undefined {
    if (depth > 8) throw systemError('ELOOP', syscall, path);
    let node: Node = this.root;
    const names = pathOf(path).names;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      if (node.kind !== 'folder') throw systemError('ENOTDIR', syscall, path);
      const next: Node | undefined = node.entries.get(name);
      if (!next) return undefined;
      const isLast = index === names.length - 1;
      if (next.kind === 'link' && (follow || !isLast)) {
        const folder = `/${names.slice(0, index).join('/')}`;
        const rest = names.slice(index + 1).join('/');
        return this.#walk(resolve(folder, next.target, rest), syscall, follow, depth + 1);
      }
      node = next;
    }
    return node;
  }

  /** The folder that a path is in, with links resolved, and its name there. */
  #placeOf(path: string, syscall: string): Place {
    const { folder, name } = pathOf(path);
    const found = this.get(folder, syscall);
    if (found.kind !== 'folder') throw systemError('ENOTDIR', syscall, path);
    return { folder: found, name };
  }

  #freePlace(path: string, syscall: string): Place {
    const place = this.#placeOf(path, syscall);
    if (place.folder.entries.has(place.name)) throw systemError('EEXIST', syscall, path);
    return place;
  }

  #set(place: Place, node: Node | undefined): void {
    const { folder, name } = place;
    this.#pending.push({ folder, name, before: folder.entries.get(name) });
    put(place, node);
    folder.mtime = this.now();
    this.#tell(folder, name);
  }

  /** Watchers of its folder see that a file changed. */
  touched(node: Node): void {
    if (node.place?.folder.entries.get(node.place.name) === node) this.#tell(node.place.folder, node.place.name);
  }

  #tell(folder: FolderNode, name: string): void {
    for (const watcher of this.watchers) watcher(folder, name);
  }

  #writable(syscall: string, path?: string): void {
    if (this.isReadOnly) throw this.#refusal('EROFS', syscall, path);
  }

  #refusal(code: string, syscall: string, path?: string): Error {
    this.refusals += 1;
    return systemError(code, syscall, path);
  }

  #folder(mode: number): FolderNode {
    return { kind: 'folder', entries: new Map(), ...this.#facts(mode) };
  }

  #facts(mode: number): Facts {
    this.#ino += 1;
    return { ino: this.#ino, birth: this.now(), mode, mtime: this.now(), links: 1 };
  }
}

function put(place: Place, node: Node | undefined): void {
  const { folder, name } = place;
  if (!node) return void folder.entries.delete(name);
  folder.entries.set(name, node);
  node.place = place;
}

function* filesBelow(folder: FolderNode): Generator<FileNode> {
  for (const node of folder.entries.values()) {
    if (node.kind === 'file') yield node;
    if (node.kind === 'folder') yield* filesBelow(node);
  }
}
