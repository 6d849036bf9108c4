import type { calls } from '../node/fs.ts';
import type { Program } from '../world/program.ts';

export type Disk = ReturnType<typeof calls>;

const BEAT_MS = 5_000;

/** A directory lock as proper-lockfile takes it, in a program that is not ours. */
export class DirLock {
  /** When it was taken. The program has not seen that another took it. */
  heldSince: number | undefined;
  /** A lock was removed that looked abandoned, which another may still have used. */
  hasTakenOver = false;
  #touchedAt = 0;

  constructor(
    private readonly program: Program,
    private readonly disk: Disk,
    readonly path: string,
    private readonly staleMs: number,
  ) {
    program.onEnd(() => (this.heldSince = undefined));
  }

  async take(): Promise<boolean> {
    if (await this.#make()) return true;
    const lock = await this.#call('stat', () => this.disk.stat(this.path));
    if (this.program.machine.now() - lock.mtimeMs <= this.staleMs) return false;
    this.hasTakenOver = true;
    await this.#call('rmdir', () => this.disk.rmdir(this.path));
    return this.#make();
  }

  async release(): Promise<void> {
    if (this.heldSince === undefined) return;
    this.heldSince = undefined;
    // Its next holder waits until it is stale.
    await this.#call('rmdir', () => this.disk.rmdir(this.path)).catch(() => undefined);
  }

  async #make(): Promise<boolean> {
    try {
      await this.#call('mkdir', () => this.disk.mkdir(this.path));
    } catch {
      return false;
    }
    await this.#touch();
    this.heldSince = this.program.machine.timeline.now;
    this.#beat();
    return true;
  }

  async #touch(): Promise<void> {
    const seconds = Math.floor(this.program.machine.now()) / 1_000;
    await this.#call('utimes', () => this.disk.utimes(this.path, seconds, seconds));
    this.#touchedAt = seconds * 1_000;
  }

  /** The program ends when another has taken the lock, as with the default of proper-lockfile. */
  #beat(): void {
    this.program.after(BEAT_MS, () => {
      if (this.heldSince === undefined) return;
      this.#call('stat', () => this.disk.stat(this.path))
        .then(async ({ mtimeMs }) => {
          if (this.heldSince === undefined) return;
          if (Math.abs(mtimeMs - this.#touchedAt) > 0.5) return this.program.kill();
          await this.#touch();
          this.#beat();
        })
        .catch(() => this.program.kill());
    });
  }

  #call<T>(name: string, work: () => T): Promise<T> {
    return this.program.call(name, this.path, work);
  }
}
