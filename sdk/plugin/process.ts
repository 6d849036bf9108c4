export type RunningProcess = { readonly pid: number; readonly name: string; readonly command?: string | undefined };

/** A conversation with a running program, line by line. */
export interface Dialogue {
  readonly lines: AsyncIterable<string>;
  send(line: string): void;
}

export type ExecOptions = {
  /** Added to the daemon's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** [an empty folder, so that the program finds no project to work on] */
  readonly cwd?: string | undefined;
  /** Written to its standard input, which is otherwise empty. */
  readonly input?: string | undefined;
  /** Talks to the program while it runs; its standard input ends when this returns. */
  readonly talk?: ((dialogue: Dialogue) => Promise<void>) | undefined;
  /**
   * The program gets SIGTERM after this many milliseconds, or when `signal` is aborted, and is killed `graceMs` later.
   * [60000]
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Milliseconds between SIGTERM and kill. A program that may be renewing a credential needs 60000 or more. Windows has
   * no SIGTERM: the program is not interrupted until they are over. [10000]
   */
  readonly graceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type ExecResult = {
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not exit in time. */
  readonly timedOut: boolean;
};

/** Runs a program without a shell. Throws `KA_PROGRAM_NOT_FOUND` if there is none with that name. */
export type Exec = (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
