import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import type { Happening } from './timeline.ts';

/** When a program crashes: before or after it did this to its disk. */
export type Interrupt = (call: string, path: string | undefined) => 'before' | 'after' | undefined;

/** A running program. Once it has ended, nothing that it waited for happens to it. */
export class Program {
  readonly pid: number;
  readonly random: Random;
  readonly startedAt: number;
  /** What it listens for: signals, and its own end. */
  readonly listeners = new Map<string, ((...given: unknown[]) => void)[]>();
  isAlive = true;
  /** Whether another program has asked it to end. */
  isSignalled = false;
  /** How many file handles it has not closed. */
  openFiles = 0;
  /** Asked at each call that changes the disk. */
  interrupt: Interrupt = () => undefined;
  /** Called when it ends although no other program has asked it to. */
  onExit: () => void = () => undefined;
  readonly #onEnd = new Set<() => void>();

  constructor(
    readonly machine: Machine,
    readonly name: string,
    readonly env: Record<string, string | undefined>,
  ) {
    this.pid = machine.nextPid();
    this.random = machine.random.fork();
    this.startedAt = machine.monotonic();
    machine.programs.set(this.pid, this);
  }

  /** Runs later, unless the program has ended by then. */
  after(ms: number, run: () => void): Happening {
    return this.machine.after(ms, () => {
      if (this.isAlive) run();
    });
  }

  /** Does something on the disk, which takes a moment. It is done at once when that has passed. */
  call<T>(name: string, path: string | undefined, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(this.random.between(0.01, 0.3), () => {
        const end = this.interrupt(name, path);
        if (end === 'before') return this.kill();
        try {
          const result = work();
          if (end === 'after') return this.kill();
          resolve(result);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Returns what removes the listener. */
  onEnd(listener: () => void): () => void {
    this.#onEnd.add(listener);
    return () => void this.#onEnd.delete(listener);
  }

  /** Ends at once, as by SIGKILL. */
  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.machine.programs.delete(this.pid);
    for (const [port, program] of this.machine.ports) if (program === this) this.machine.ports.delete(port);
    for (const listener of this.#onEnd) listener();
  }

  /** Ends by itself. */
  exit(): void {
    if (this.isAlive && !this.isSignalled) this.onExit();
    this.kill();
  }

  /** Sends a signal. A program that does not listen for it ends. */
  signal(name: string): void {
    this.isSignalled = true;
    const listeners = this.listeners.get(name) ?? [];
    if (listeners.length === 0) return this.kill();
    for (const listener of listeners) this.after(0, () => listener(name));
  }
}
