import { resolve } from 'node:path/posix';
import { systemError } from '../world/disk.ts';
import type { Program } from '../world/program.ts';
import { flagsOf, memoryFile, OpenFile } from './open-file.ts';
import { proc } from './proc.ts';
import { Stats } from './stats.ts';

// Node's file system, as far as the product uses it, on the disk of a simulated machine. Calls of `node:fs/promises`
// take a moment, and are done in one step at its end. The synchronous calls take no time.

type Options = {
  readonly encoding?: string;
  readonly mode?: number;
  readonly flag?: string;
  readonly bigint?: boolean;
};
type Given = string | Options | null | undefined;
type FolderOptions = { readonly recursive?: boolean; readonly mode?: number };

const encodingOf = (given: Given) =>
  (typeof given === 'string' ? given : given?.encoding) as BufferEncoding | undefined;
const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);

/** What a path means to a program. */
type Place = { readonly program: Program; readonly at: (path: unknown) => string };

/** The calls of one program, done at once. */
export function calls(program: Program) {
  const at = (path: unknown) =>
    typeof path === 'string' && path.startsWith('/')
      ? path
      : resolve(program.env['PWD'] ?? '/', String(path).replace(/^file:\/\//, ''));
  const place = { program, at };
  return { ...contentCalls(place), ...nodeCalls(place), ...folderCalls(place) };
}

/** Calls that open, read and write files. */
function contentCalls({ program, at }: Place) {
  const { disk } = program.machine;
  const virtual = proc(program);

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

  return {
    open,
    readFile: (path: unknown, given?: Given) => {
      const bytes = open(path).content();
      return encodingOf(given) ? bytes.toString(encodingOf(given)) : bytes;
    },
    writeFile: (path: unknown, data: string | Uint8Array, given?: Given) => {
      const { flag = 'w', mode } = typeof given === 'object' && given !== null ? given : {};
      open(path, flag, mode).append(bytesOf(data));
    },
    appendFile: (path: unknown, data: string | Uint8Array) => open(path, 'a').append(bytesOf(data)),
  };
}

/** Calls about what is at a path. */
function nodeCalls({ program, at }: Place) {
  const { disk } = program.machine;
  const virtual = proc(program);
  const stat = (path: unknown, { bigint = false }: Options = {}, follow = true): Stats => {
    const node = virtual.has(at(path)) ? memoryFile('') : disk.get(at(path), follow ? 'stat' : 'lstat', follow);
    return new Stats(node, bigint);
  };
  return {
    stat,
    lstat: (path: unknown, options?: Options) => stat(path, options, false),
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

/** Calls that change or list the entries of folders. */
function folderCalls({ program, at }: Place) {
  const { disk } = program.machine;
  const virtual = proc(program);

  function mkdir(path: unknown, { recursive, mode = 0o777 }: FolderOptions = {}): string | undefined {
    const ours = mode & ~0o077;
    if (!recursive) return void disk.createFolder(at(path), ours);
    const names = at(path).split('/').filter(Boolean);
    const folders = names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
    const missing = folders.filter(folder => !disk.find(folder, 'mkdir'));
    for (const folder of missing) disk.createFolder(folder, ours);
    return missing[0];
  }

  return {
    mkdir,
    readdir: (path: unknown): string[] => {
      const listed = virtual.list(at(path));
      if (listed) return [...listed];
      const node = disk.get(at(path), 'scandir');
      if (node.kind !== 'folder') throw systemError('ENOTDIR', 'scandir', at(path));
      return [...node.entries.keys()].toSorted();
    },
    rmdir: (path: unknown) => disk.removeFolder(at(path)),
    unlink: (path: unknown) => disk.unlink(at(path)),
    rm: (path: unknown, options?: { readonly force?: boolean }) => {
      if (options?.force && !disk.find(at(path), 'rm', false)) return;
      disk.unlink(at(path));
    },
    rename: (from: unknown, to: unknown) => disk.rename(at(from), at(to)),
  };
}
