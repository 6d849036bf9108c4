export type RunningProcess = { readonly pid: number; readonly name: string; readonly command?: string | undefined };

/** The running program's side of a conversation, line by line. */
export interface Dialogue {
  readonly lines: AsyncIterable<string>;
  send(line: string): void;
}

export type ExecOptions = {
  /** Added to the daemon's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Defaults to an empty folder of the kernel's own, so that the program finds no project to work on. */
  readonly cwd?: string | undefined;
  /** Written to its standard input, which is otherwise empty. */
  readonly input?: string | undefined;
  /** Talks to the program while it runs; its standard input ends when this returns. */
  readonly talk?: ((dialogue: Dialogue) => Promise<void>) | undefined;
  /**
   * It is asked to end (SIGTERM) after this many milliseconds, or when `signal` is aborted, and killed `graceMs` later.
   * [60000]
   */
  readonly timeoutMs?: number | undefined;
  /** How long it may take to end when asked, in milliseconds. A program that may be renewing a credential wants 60000 or more. [10000] */
  readonly graceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type ExecResult = {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not end by itself in time. */
  readonly timedOut: boolean;
};

/** Runs a program without a shell. Throws `KA_PROGRAM_NOT_FOUND` where there is none of that name. */
export type Exec = (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
