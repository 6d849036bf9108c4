import type { Cleanup } from '../base/cleanup.ts';

/** Space for a new version of a file, reserved and synced in advance, so that a full disk is noticed in time. */
export interface Replacement {
  /** Replaces the file: the text is written, synced and renamed over it. Mode and symbolic link are kept. */
  commit(text: string): Promise<void>;
  /** Releases the space. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** A note whose first line announces a request, and whose second line will be the reply. */
export interface OpenNote {
  /**
   * Adds the line in one step, into reserved space. If the disk still refuses it, this throws, but `read` returns the
   * line as long as the kernel runs.
   */
  add(line: string): Promise<void>;
  /** Closes it, with or without a second line. */
  close(): Promise<void>;
}

/** Notes that must survive a crash, kept with mode 0600 in the kernel's folder. */
export interface Journal {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Writes the first line of a note, and reserves space for a second one. */
  begin(key: string, line: string): Promise<OpenNote>;
  remove(key: string): Promise<void>;
}

export type FileFacts = {
  /** Absolute, with symbolic links followed. */
  readonly path: string;
  /** In milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Permission bits, e.g. `0o600`. */
  readonly mode: number;
  readonly writable: boolean;
};

/** Safe access to credential files. In every path a leading `~` is the user's home. */
export interface Files {
  /** The path made absolute. */
  resolve(path: string): string;
  /** The text; undefined if there is no file. Throws if it cannot be read or has more than 8 MiB. */
  read(path: string): Promise<string | undefined>;
  /** The content of a binary file; undefined if there is none. Throws if it cannot be read. */
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /** Facts about a file; undefined if there is none. */
  stat(path: string): Promise<FileFacts | undefined>;
  /**
   * Prepares a replacement beside an existing file. With `create` the file may be missing: it is made with mode 0600,
   * and its folder with 0700. Throws `KA_STORE_UNWRITABLE` if that is not possible.
   */
  prepare(path: string, options?: { readonly create?: boolean | undefined }): Promise<Replacement>;
  /**
   * Takes the directory lock `path` as the npm package proper-lockfile does: the folder is created, touched while the
   * lock is held, and removed at release. Undefined if the lock is held. A lock untouched for `staleMs` is taken over,
   * after it was watched for longer than the 5 seconds in which its holder has to touch it.
   */
  lock(path: string, options?: { readonly staleMs?: number | undefined }): Promise<Cleanup | undefined>;
  /** Calls `changed` when the file was created, replaced, written or removed. */
  watch(path: string, changed: () => void): Cleanup;
  readonly journal: Journal;
}
