import { RepeatedWrite } from '../runtime/files/repeated-write.ts';
import type { StatesSection } from '../sdk/contract/states-layout.ts';
import type { Change } from './states-slots.ts';

type Group = Map<string, Change>;

const keyOf = (section: StatesSection, key: string): string => `${section} ${key}`;

/**
 * Writes changes in groups. Those that are added during a write share the next one, which begins before any that is
 * requested later. A change that could not be written goes out with the next group, at the latest after a minute.
 */
export class Commits {
  #unwritten: Group = new Map();
  #inFlight: Group = new Map();
  #writing = Promise.resolve();
  #next: Promise<void> | undefined;

  /** Who added the change has had the error. */
  readonly #again = new RepeatedWrite(
    () => this.flush(),
    () => undefined,
  );

  constructor(private readonly write: (changes: readonly Change[]) => Promise<void>) {}

  /** Resolves when the change is written. */
  add(change: Change): Promise<void> {
    this.#unwritten.set(keyOf(change.section, change.key), change);
    return this.#commit();
  }

  /** Resolves when the last change of this entry is written. Writes nothing if that has happened. */
  of(section: StatesSection, key: string): Promise<void> {
    if (this.#unwritten.has(keyOf(section, key))) return this.#commit();
    return this.#inFlight.has(keyOf(section, key)) ? this.#writing : Promise.resolve();
  }

  /** Resolves when all changes are written. */
  flush(): Promise<void> {
    return this.#unwritten.size > 0 ? this.#commit() : this.#writing;
  }

  /** Resolves when all changes are written. What cannot be written then is not tried again. */
  async close(): Promise<void> {
    this.#again.stop();
    await this.flush();
  }

  #commit(): Promise<void> {
    return (this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#writing = this.#writeGroup());
      }));
  }

  async #writeGroup(): Promise<void> {
    const group = this.#unwritten;
    this.#unwritten = new Map();
    this.#inFlight = group;
    try {
      await this.write([...group.values()]);
    } catch (error) {
      // A later change of the same entry replaces it.
      this.#unwritten = new Map([...group, ...this.#unwritten]);
      this.#again.repeatLater();
      throw error;
    } finally {
      this.#inFlight = new Map();
    }
  }
}
