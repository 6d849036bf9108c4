import { openDatabase, type Database, type OpenDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import type { Seal } from './seal.ts';

export type Secrets = { readonly url: string; readonly seal: Seal };

/** The database that the files of this machine name, with the key of the fleet. */
export class Access {
  #secrets: Secrets | undefined;
  #database: Database | undefined;
  #isDoubted = true;

  readonly #read: () => Promise<Secrets>;
  readonly #connect: OpenDatabase;

  constructor(read: () => Promise<Secrets>, connect: OpenDatabase = openDatabase) {
    this.#read = read;
    this.#connect = connect;
  }

  /** The key that was read last. */
  get seal(): Seal | undefined {
    return this.#secrets?.seal;
  }

  /** The database as it was last reached. */
  get database(): Database | undefined {
    return this.#database;
  }

  /** Whether the next use checks everything: the files, the tables, the key. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /** What answers next may be another server with other data, or need another password. */
  readonly doubt = (): void => {
    this.#isDoubted = true;
  };

  /** Throws `FleetError`. */
  async open(): Promise<Database> {
    if (this.#database && !this.#isDoubted) return this.#database;
    const secrets = await this.#read();
    if (this.#database && secrets.url !== this.#secrets?.url) await this.#forget();
    this.#secrets = secrets;
    const database = (this.#database ??= await this.#connect(secrets.url, this.doubt));
    // A connection that is lost from now on is doubted again.
    this.#isDoubted = false;
    await migrate(database, secrets.seal.check);
    return database;
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  async #forget(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }
}
