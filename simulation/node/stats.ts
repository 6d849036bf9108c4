import type { Node } from '../world/disk.ts';

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
