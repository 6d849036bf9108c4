import { KeepaliveError } from '../contract/errors.ts';
import type { Logger } from '../plugin/logger.ts';
import type { Exec, ExecOptions, ExecResult, RunningProcess } from '../plugin/process.ts';
import type { ProviderContext } from '../plugin/provider.ts';
import { fakeFiles, type FakeFiles } from './files.ts';

export type ExecCall = {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: ExecOptions;
  /** It was run in a terminal. */
  readonly terminal?: boolean;
};
export type FetchCall = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
};
export type LogLine = {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** A context in memory that records what was done with it. */
export type FakeContext = ProviderContext & {
  readonly files: FakeFiles;
  readonly calls: {
    readonly exec: readonly ExecCall[];
    readonly fetch: readonly FetchCall[];
    readonly log: readonly LogLine[];
    readonly concealed: readonly string[];
  };
};

type Overridden = 'env' | 'force' | 'last' | 'now' | 'reason' | 'refreshBefore' | 'renewFrom' | 'signal';

/** The situation that a test sets up. Everything else is empty: no files, no programs, no network. */
export type FakeOverrides = Partial<Pick<ProviderContext, Overridden>> & {
  /** Contents by path; a leading `~` is `/home/you`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | FakeFiles | undefined;
  /** Where each installed program is. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** Running programs. A function that throws stands for a system on which they cannot be listed. */
  readonly processes?: readonly RunningProcess[] | (() => readonly RunningProcess[]) | undefined;
  /** Plays a program, with or without a terminal. [exit code 0, no output] */
  readonly exec?: ((call: ExecCall) => Partial<ExecResult> | Promise<Partial<ExecResult>>) | undefined;
  /** Plays the network. */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
};

/** A context to call a provider with: plain functions that touch nothing real. [clock: the start of 2026] */
export function fakeContext(overrides: FakeOverrides = {}): FakeContext {
  const { programs = {}, processes = [], exec, fetch, signal = new AbortController().signal } = overrides;
  const calls = { exec: [] as ExecCall[], fetch: [] as FetchCall[], log: [] as LogLine[], concealed: [] as string[] };
  const run =
    (how: Pick<ExecCall, 'terminal'>): Exec =>
    async (program, args, options = {}) => {
      options.signal?.throwIfAborted();
      if (!exec) throw new KeepaliveError('KA_PROGRAM_NOT_FOUND', { program });
      const call = { program, args, options, ...how };
      calls.exec.push(call);
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...(await exec(call)) };
    };
  return {
    calls,
    files: isFakeFiles(overrides.files) ? overrides.files : fakeFiles(overrides.files),
    signal,
    log: recordLog(calls.log),
    env: overrides.env ?? {},
    which: async program => programs[program],
    now: overrides.now ?? (() => Date.UTC(2026, 0, 1)),
    conceal: secret => void calls.concealed.push(secret),
    exec: run({}),
    pty: run({ terminal: true }),
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const { method, url, headers } = request;
      calls.fetch.push({ method, url, headers, body: await request.clone().text() });
      if (!fetch)
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('There is no network here.'), { code: 'ENETUNREACH' }),
        });
      return fetch(request);
    },
    processes: async () => (typeof processes === 'function' ? processes() : processes),
    reason: overrides.reason ?? 'schedule',
    force: overrides.force ?? false,
    refreshBefore: overrides.refreshBefore ?? 300_000,
    renewFrom: overrides.renewFrom,
    last: overrides.last,
  };
}

/** Plays a program in a conversation: `answer` returns what it prints for a line; undefined ends it. */
export async function converse(
  { options }: ExecCall,
  answer: (line: string) => readonly string[] | undefined,
): Promise<void> {
  const sent: string[] = [];
  let ended = false;
  async function* lines(): AsyncGenerator<string, void> {
    for (let line = sent.shift(); line !== undefined && !ended; line = sent.shift()) {
      const printed = answer(line);
      ended = printed === undefined;
      yield* printed ?? [];
    }
  }
  const printed = lines();
  await options.talk?.({
    lines: { [Symbol.asyncIterator]: () => ({ next: () => printed.next() }) },
    send: line => void sent.push(line),
  });
}

function recordLog(lines: LogLine[]): Logger {
  const record = (level: keyof Logger) => (fields: Readonly<Record<string, unknown>> | string, message?: string) =>
    void lines.push(
      typeof fields === 'string' ? { level, message: fields, fields: {} } : { level, message: message ?? '', fields },
    );
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
}

const isFakeFiles = (files: FakeOverrides['files']): files is FakeFiles => typeof files?.['prepare'] === 'function';
