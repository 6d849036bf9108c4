import { calls } from '../node/fs.ts';
import type { Main } from '../node/children.ts';
import type { Program } from '../world/program.ts';
import { DirLock, type Disk } from './dir-lock.ts';
import type { Weather } from './weather.ts';

const FOLDER = '/home/user/.claude';
export const CREDENTIALS = `${FOLDER}/.credentials.json`;

const VERSION = '2.1.332 (Claude Code)\n';
const ENDPOINT = 'https://platform.claude.com/v1/oauth/token';
const WINDOW_MS = 300_000;
const TIME_LIMIT_MS = 30_000;
const STALE_MS = 60_000;
const WRITE_STALE_MS = 15_000;

type Oauth = { readonly accessToken: string; readonly refreshToken: string; readonly expiresAt: number };
type Stored = { readonly claudeAiOauth: Oauth };
type Reply = { readonly access_token: string; readonly refresh_token: string; readonly expires_in: number };

/** Claude Code, as far as it renews its login: what docs and tests/interop say of the real one. */
export const claudeWith =
  (weather: Weather): Main =>
  async (program, args, print) => {
    // It finishes what it does when it is asked to end.
    program.listeners.set('SIGTERM', [() => undefined]);
    if (args.includes('--version')) print(VERSION);
    else await new Claude(program, weather).renew();
    if (!args.includes('--version')) print('No MCP server named so.\n');
    return args.includes('--version') ? 0 : 1;
  };

class Claude {
  readonly #disk: Disk;
  readonly #fetch: typeof globalThis.fetch;

  constructor(
    private readonly program: Program,
    weather: Weather,
  ) {
    this.#disk = calls(program);
    this.#fetch = weather.fetchOf(program);
  }

  /** In the last five minutes of the token, under both locks. An error is not shown, and leaves the file as it is. */
  async renew(): Promise<void> {
    const seen = await this.#read().catch(() => undefined);
    if (!seen?.refreshToken || seen.expiresAt - this.program.machine.now() > WINDOW_MS) return;
    const locks = ['/home/user/.claude/.oauth_refresh.lock', '/home/user/.claude.lock'].map(path =>
      this.#lock(path, STALE_MS),
    );
    try {
      if (await this.#takeAll(locks)) await this.#exchange(seen);
    } catch {
      // The next one tries again.
    }
    for (const lock of locks.toReversed()) await lock.release();
  }

  #lock(path: string, staleMs: number): DirLock {
    return new DirLock(this.program, this.#disk, path, staleMs);
  }

  async #takeAll(locks: readonly DirLock[]): Promise<boolean> {
    for (let tries = 0; tries < 5; tries += 1) {
      const taken = [];
      for (const lock of locks) {
        if (!(await lock.take())) break;
        taken.push(lock);
      }
      if (taken.length === locks.length) return true;
      for (const lock of taken.toReversed()) await lock.release();
      await this.#wait(this.program.random.between(1_000, 2_000));
    }
    return false;
  }

  async #exchange(seen: Oauth): Promise<void> {
    const now = await this.#read();
    if (now.accessToken !== seen.accessToken) return;
    const body = JSON.stringify({ grant_type: 'refresh_token', refresh_token: now.refreshToken });
    const limit = this.#wait(TIME_LIMIT_MS).then(() => undefined);
    const response = await Promise.race([this.#fetch(ENDPOINT, { method: 'POST', body }), limit]);
    if (response?.status === 200) return this.#store(now, (await response.json()) as Reply);
    if (response?.status === 400) await this.#blank(now);
  }

  #store(now: Oauth, { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds }: Reply) {
    const expiresAt = this.program.machine.now() + seconds * 1_000;
    return this.#write({ ...now, accessToken, refreshToken, expiresAt });
  }

  /** Its vendor has ended the login, unless another claude has renewed it meanwhile. */
  async #blank(sent: Oauth): Promise<void> {
    const now = await this.#read();
    if (now.refreshToken === sent.refreshToken)
      await this.#write({ ...now, accessToken: '', refreshToken: '', expiresAt: 0 });
  }

  async #write(oauth: Oauth): Promise<void> {
    const lock = this.#lock(`${FOLDER}/.storage-write.lock`, WRITE_STALE_MS);
    for (let tries = 0; !(await lock.take()); tries += 1) {
      if (tries === 10) return;
      await this.#wait(500);
    }
    const temporary = `${CREDENTIALS}.tmp.${this.program.random.bytes(4).toString('hex')}`;
    const text = JSON.stringify({ claudeAiOauth: oauth });
    await this.#call('write', () => this.#disk.writeFile(temporary, text, { mode: 0o600 }));
    await this.#call('rename', () => this.#disk.rename(temporary, CREDENTIALS));
    await lock.release();
  }

  async #read(): Promise<Oauth> {
    const text = String(await this.#call('read', () => this.#disk.readFile(CREDENTIALS, 'utf8')));
    return (JSON.parse(text) as Stored).claudeAiOauth;
  }

  #wait(ms: number): Promise<void> {
    return new Promise(resolve => void this.program.after(ms, resolve));
  }

  #call<T>(name: string, work: () => T): Promise<T> {
    return this.program.call(name, CREDENTIALS, work);
  }
}
