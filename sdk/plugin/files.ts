import type { Cleanup } from '../base/cleanup.ts';

/** A place for a new version of a file, made and synced before it is needed, so that a full disk is noticed in time. */
export interface Replacement {
  /** Puts the text in place of the file: written, synced, renamed over it; mode and symbolic link are kept. */
  commit(text: string): Promise<void>;
  /** Gives the place up. Harmless after `commit`. */
  discard(): Promise<void>;
}

/** A note to which one line is to be added: the answer to what its first line announces. */
export interface OpenNote {
  /** Adds the line in one step, into room taken before. Where the disk refuses it nevertheless it throws, but `read` gives it while the kernel lives. */
  add(line: string): Promise<void>;
  /** Ends it, with or without a second line. */
  close(): Promise<void>;
}

/** Notes that must survive a crash, kept 0600 in the kernel's own folder. */
export interface Journal {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Writes the first line of a note, and takes room for a second one. */
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

/** Credential files and what keeping them safe takes. In every path a leading `~` is the user's home. */
export interface Files {
  /** The path made absolute. */
  resolve(path: string): string;
  /** The text; undefined if there is no file. Throws if it cannot be read or has more than 8 MiB. */
  read(path: string): Promise<string | undefined>;
  /** The content of a file that is no text; undefined where there is none. Throws where it cannot be read. */
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /** Facts of a file; undefined where there is none. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** Prepares a replacement beside an existing file. Throws `KA_STORE_UNWRITABLE` where that is not possible. */
  prepare(path: string): Promise<Replacement>;
  /**
   * Takes the directory lock `path` (made, its time kept young, removed at release; as the npm package proper-lockfile does).
   * Undefined where someone else holds it. A lock not kept young for `staleMs` is taken over.
   */
  lock(path: string, options?: { readonly staleMs?: number | undefined }): Promise<Cleanup | undefined>;
  /** Calls `changed` when the file was made, replaced, written or removed. */
  watch(path: string, changed: () => void): Cleanup;
  readonly journal: Journal;
}
