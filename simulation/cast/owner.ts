import { calls } from '../node/fs.ts';
import type { Machine } from '../world/machine.ts';
import { Program } from '../world/program.ts';
import { ENV } from './daemon.ts';
import type { Weather } from './weather.ts';

/** An older lock is abandoned, for the programs that use proper-lockfile as it is. */
const STALE_MS = 10_000;
const BEAT_MS = STALE_MS / 2;
const TIME_LIMIT_MS = 30_000;

type Stored = { readonly access_token: string; readonly refresh_token: string; readonly expires_at: number };

/** A program of the user that renews the login in a file beside the daemon. It takes the lock of that file as proper-lockfile does. */
export class Owner {
  readonly program: Program;
  /** When it took the lock that it holds. It has not seen that another took it. */
  heldSince: number | undefined;
  /** It has removed a lock that looked abandoned, which another may still have used. */
  hasTakenOver = false;
  readonly #fetch: typeof globalThis.fetch;
  readonly #disk: ReturnType<typeof calls>;
  #touchedAt = 0;

  constructor(
    readonly machine: Machine,
    readonly file: string,
    weather: Weather,
  ) {
    this.program = new Program(machine, 'owner', { ...ENV });
    this.#fetch = weather.fetchOf(this.program);
    this.#disk = calls(this.program);
    this.program.onEnd(() => (this.heldSince = undefined));
  }

  /** Renews the login, and ends. An error of the disk or the network ends it as well. */
  async run(): Promise<void> {
    try {
      if (await this.#take()) await this.#renew();
    } catch {
      // The user sees its message. Its lock stays if it could not be removed.
    }
    if (this.heldSince !== undefined)
      await this.#change('rmdir', disk => disk.rmdir(this.#lock)).catch(() => undefined);
    this.program.kill();
  }

  get #lock(): string {
    return `${this.file}.lock`;
  }

  #change<T>(name: string, work: (disk: ReturnType<typeof calls>) => T): Promise<T> {
    return this.program.call(name, this.file, () => work(this.#disk));
  }

  async #take(): Promise<boolean> {
    if (await this.#make()) return true;
    const lock = await this.#change('stat', disk => disk.stat(this.#lock));
    if (this.machine.now() - lock.mtimeMs <= STALE_MS) return false;
    this.hasTakenOver = true;
    await this.#change('rmdir', disk => disk.rmdir(this.#lock));
    return this.#make();
  }

  async #make(): Promise<boolean> {
    try {
      await this.#change('mkdir', disk => disk.mkdir(this.#lock));
    } catch {
      return false;
    }
    await this.#touch();
    this.heldSince = this.machine.timeline.now;
    this.#beat();
    return true;
  }

  async #touch(): Promise<void> {
    const seconds = Math.floor(this.machine.now()) / 1_000;
    await this.#change('utimes', disk => disk.utimes(this.#lock, seconds, seconds));
    this.#touchedAt = seconds * 1_000;
  }

  /** Ends when another has taken the lock, as proper-lockfile does unless it is told otherwise. */
  #beat(): void {
    this.program.after(BEAT_MS, () => {
      this.#change('stat', disk => disk.stat(this.#lock))
        .then(async ({ mtimeMs }) => {
          if (mtimeMs !== this.#touchedAt) return this.program.kill();
          await this.#touch();
          this.#beat();
        })
        .catch(() => this.program.kill());
    });
  }

  async #renew(): Promise<void> {
    const stored = JSON.parse(String(await this.#change('read', disk => disk.readFile(this.file, 'utf8')))) as Stored;
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: stored.refresh_token });
    const response = await Promise.race([
      this.#fetch('https://acme.example/token', { method: 'POST', body }),
      this.#limit(),
    ]);
    if (response.status !== 200) return;
    const { access_token, refresh_token, expires_in } = (await response.json()) as Stored & {
      readonly expires_in: number;
    };
    const text = JSON.stringify({ access_token, refresh_token, expires_at: this.machine.now() + expires_in * 1_000 });
    const temporary = `${this.file}.tmp`;
    await this.#change('write', disk => disk.writeFile(temporary, text, { mode: 0o600 }));
    await this.#change('fsync', disk => disk.open(temporary).sync());
    await this.#change('rename', disk => disk.rename(temporary, this.file));
    await this.#change('fsync', disk => disk.open('/home/user').sync());
  }

  #limit(): Promise<never> {
    return new Promise(
      (_resolve, reject) => void this.program.after(TIME_LIMIT_MS, () => reject(new Error('It took too long.'))),
    );
  }
}
