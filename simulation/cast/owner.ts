import { calls } from '../node/fs.ts';
import type { Machine } from '../world/machine.ts';
import { Program } from '../world/program.ts';
import { ENV } from './daemon.ts';
import { DirLock, type Disk } from './dir-lock.ts';
import type { Weather } from './weather.ts';

/** An older lock is abandoned, for the programs that use proper-lockfile as it is. */
const STALE_MS = 10_000;
const TIME_LIMIT_MS = 30_000;

type Stored = { readonly access_token: string; readonly refresh_token: string };

/** A program of the user that renews the login in a file beside the daemon, under the lock of that file. */
export class Owner {
  readonly program: Program;
  readonly lock: DirLock;
  readonly #fetch: typeof globalThis.fetch;
  readonly #disk: Disk;

  constructor(
    private readonly machine: Machine,
    readonly file: string,
    weather: Weather,
  ) {
    this.program = new Program(machine, 'owner', { ...ENV });
    this.#fetch = weather.fetchOf(this.program);
    this.#disk = calls(this.program);
    this.lock = new DirLock(this.program, this.#disk, `${file}.lock`, STALE_MS);
  }

  /** Renews the login, and ends. An error of the disk or the network ends it as well. */
  async run(): Promise<void> {
    try {
      if (await this.lock.take()) await this.#renew();
    } catch {
      // The user sees its message.
    }
    await this.lock.release();
    this.program.kill();
  }

  #change<T>(name: string, work: (disk: Disk) => T): Promise<T> {
    return this.program.call(name, this.file, () => work(this.#disk));
  }

  async #renew(): Promise<void> {
    const text = String(await this.#change('read', disk => disk.readFile(this.file, 'utf8')));
    const { refresh_token: token } = JSON.parse(text) as Stored;
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
    const asked = this.#fetch('https://acme.example/token', { method: 'POST', body });
    const response = await Promise.race([asked, this.#limit()]);
    if (response.status !== 200) return;
    await this.#store((await response.json()) as Stored & { readonly expires_in: number });
  }

  async #store({ expires_in: seconds, ...tokens }: Stored & { readonly expires_in: number }): Promise<void> {
    const { access_token, refresh_token } = tokens;
    const text = JSON.stringify({ access_token, refresh_token, expires_at: this.machine.now() + seconds * 1_000 });
    const temporary = `${this.file}.tmp`;
    await this.#change('write', disk => disk.writeFile(temporary, text, { mode: 0o600 }));
    await this.#change('fsync', disk => disk.open(temporary).sync());
    await this.#change('rename', disk => disk.rename(temporary, this.file));
    await this.#change('fsync', disk => disk.open(ENV.HOME).sync());
  }

  #limit(): Promise<never> {
    const error = new Error('It took too long.');
    return new Promise((_resolve, reject) => void this.program.after(TIME_LIMIT_MS, () => reject(error)));
  }
}
