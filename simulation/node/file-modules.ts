import * as realFs from 'node:fs';
import type { Program } from '../world/program.ts';
import type { calls } from './fs.ts';
import type { OpenFile } from './open-file.ts';
import { Stats } from './stats.ts';
import { watchFolder } from './watch-folder.ts';

/** The calls that change the disk. A program can crash at each of them. */
type Calls = ReturnType<typeof calls>;

/** `node:fs/promises` of a program. */
export function promisesModule(program: Program, sync: Calls) {
  const later =
    <Given extends readonly unknown[], T>(name: string, work: (...given: Given) => T) =>
    (...given: Given): Promise<T> =>
      program.call(name, String(given[0]), () => work(...given));
  return {
    ...Object.fromEntries(
      Object.entries(sync).map(([name, work]) => [name, later(name, work as (...given: unknown[]) => unknown)]),
    ),
    constants: realFs.constants,
    open: (path: unknown, flags?: string | number, mode?: number) =>
      program
        .call('open', String(path), () => sync.open(path, flags, mode))
        .then(opened => fileHandle(program, opened, String(path))),
  };
}

/** A `FileHandle`, of which the product uses these members. */
function fileHandle(program: Program, opened: OpenFile, path: string) {
  const later = <T>(name: string, work: () => T): Promise<T> => program.call(name, path, work);
  program.openFiles += 1;
  return {
    fd: 20,
    stat: (options?: { readonly bigint?: boolean }) =>
      later('fstat', () => new Stats(opened.node, options?.bigint === true)),
    read: (buffer: Uint8Array, offset: number, length: number, position: number | null) =>
      later('read', () => ({ bytesRead: opened.read(buffer.subarray(offset, offset + length), position), buffer })),
    readFile: (encoding?: BufferEncoding | { readonly encoding?: BufferEncoding }) =>
      later('read', () => {
        const named = typeof encoding === 'string' ? encoding : encoding?.encoding;
        const bytes = opened.content();
        return named ? bytes.toString(named) : bytes;
      }),
    write: (bytes: Uint8Array, offset = 0, length = bytes.length - offset, position?: number | null) =>
      later('write', () => ({
        bytesWritten: opened.write(bytes.subarray(offset, offset + length), position),
        buffer: bytes,
      })),
    appendFile: (data: string | Uint8Array) =>
      later('write', () => opened.append(typeof data === 'string' ? Buffer.from(data) : data)),
    writeFile: (data: string | Uint8Array) =>
      later('write', () => opened.append(typeof data === 'string' ? Buffer.from(data) : data)),
    sync: () => later('fsync', () => opened.sync()),
    datasync: () => later('fsync', () => opened.sync()),
    truncate: (size = 0) => later('ftruncate', () => opened.truncate(size)),
    chmod: (mode: number) => later('fchmod', () => void (opened.node.mode = mode)),
    chown: () => later('fchown', () => undefined),
    close: () => later('close', () => void (program.openFiles -= 1)),
  };
}

/** `node:fs` of a program: the synchronous calls, and those with callbacks that the log uses. */
export function fsModule(program: Program, sync: Calls) {
  const opened = new Map<number, OpenFile>();
  const fileAt = (fd: number): OpenFile => {
    const file = opened.get(fd);
    if (!file) throw Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF' });
    return file;
  };
  const module = {
    constants: realFs.constants,
    existsSync: (path: unknown): boolean => {
      try {
        sync.stat(path);
        return true;
      } catch {
        return false;
      }
    },
    openSync(path: unknown, flags?: string | number, mode?: number): number {
      const file = sync.open(path, flags, mode);
      const fd = 3 + opened.size + program.random.below(1e6);
      opened.set(fd, file);
      return fd;
    },
    closeSync: (fd: number) => void opened.delete(fd),
    // The log closes its former file with it when it starts a new one.
    close: (fd: number, done: () => void) => void program.after(0, () => (opened.delete(fd), done())),
    writeSync: (fd: number, data: string | Uint8Array): number => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      return fileAt(fd).write(bytes, undefined);
    },
    fsyncSync: (fd: number) => fileAt(fd).sync(),
    fstatSync: (fd: number) => new Stats(fileAt(fd).node, false),
    watch: (path: string, changed: (event: string, name: string) => void) => watchFolder(program, path, changed),
  };
  const direct = Object.fromEntries(
    ['stat', 'lstat', 'readFile', 'writeFile', 'readdir', 'mkdir', 'rmdir', 'unlink', 'rm', 'rename', 'readlink']
      .concat(['realpath', 'access', 'chmod', 'utimes', 'appendFile'])
      .map(name => [`${name}Sync`, Reflect.get(sync, name)]),
  );
  return { ...direct, ...module, promises: promisesModule(program, sync) };
}
