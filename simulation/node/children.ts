import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { Program } from '../world/program.ts';

/** What a started program does: it prints, and ends with a code. */
export type Main = (child: Program, args: readonly string[], print: (text: string) => void) => Promise<number>;

/** The programs that are installed, by name. */
export type Installed = Readonly<Record<string, Main>>;

type Options = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cleanup?: boolean;
  readonly timeout?: number;
  readonly forceKillAfterDelay?: number;
  readonly cancelSignal?: AbortSignal;
};

const START_MS = 30;

/** `execa` of a program. What it starts is a program too, which outlives it unless `cleanup` says otherwise. */
export const execaOf = (parent: Program, installed: Installed) => ({
  execa: (path: string, args: readonly string[], options: Options) => {
    const name = path.split('/').at(-1) ?? '';
    const main = installed[name];
    if (!main) throw new Error(`${path} is not simulated.`);
    return new Child(parent, new Program(parent.machine, name, { ...options.env }), options).run(main, args);
  },
});

/** A program that another has started, as the other sees it. */
class Child {
  readonly #emitter = new EventEmitter();
  readonly #stdout = new PassThrough();
  readonly #stderr = new PassThrough();
  #exitCode: number | undefined;
  #signal: string | undefined;
  #timedOut = false;
  #isCanceled = false;

  constructor(
    private readonly parent: Program,
    private readonly program: Program,
    private readonly options: Options,
  ) {}

  run(main: Main, args: readonly string[]): object {
    const { parent, program } = this;
    const { timeout = 0, cancelSignal, cleanup = true } = this.options;
    const ended = new Promise<object>(resolve => program.onEnd(() => parent.after(1, () => resolve(this.#end()))));
    program.after(START_MS, () => {
      void main(program, args, text => parent.isAlive && this.#stdout.write(text)).then(code => {
        this.#exitCode = code;
        program.kill();
      });
    });
    if (timeout > 0) parent.after(timeout, () => this.#stop(() => (this.#timedOut = true)));
    cancelSignal?.addEventListener('abort', () => this.#stop(() => (this.#isCanceled = true)));
    if (cleanup) parent.onEnd(() => program.signal('SIGTERM'));
    return Object.assign(ended, {
      pid: program.pid,
      stdout: this.#stdout,
      stderr: this.#stderr,
      stdin: new Writable({ write: (_chunk, _encoding, done) => done() }),
      once: this.#emitter.once.bind(this.#emitter),
      kill: (signal = 'SIGTERM') => this.#kill(signal),
    });
  }

  /** Asks it to end, and ends it after the grace time. */
  #stop(note: () => void): void {
    if (!this.program.isAlive) return;
    note();
    this.#kill('SIGTERM');
    this.parent.after(this.options.forceKillAfterDelay ?? 5_000, () => this.#kill('SIGKILL'));
  }

  #kill(signal: string): boolean {
    if (!this.program.isAlive) return false;
    this.#signal = signal;
    if (signal === 'SIGKILL') this.program.kill();
    else this.program.signal(signal);
    return true;
  }

  #end(): object {
    this.#stdout.end();
    this.#stderr.end();
    this.#emitter.emit('exit');
    const signal = this.#exitCode === undefined ? (this.#signal ?? 'SIGKILL') : undefined;
    return { exitCode: this.#exitCode, signal, isCanceled: this.#isCanceled, timedOut: this.#timedOut };
  }
}
