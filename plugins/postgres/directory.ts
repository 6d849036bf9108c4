import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetAttempt, FleetMachine } from '../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';
import type { Directory, FleetContext, Letter, Peer } from '../../sdk/plugin/fleet.ts';
import type { Connection } from './connection.ts';
import { Listeners } from './listeners.ts';
import type { Outbox } from './outbox.ts';
import { Post } from './post.ts';
import type { Sender } from './sender.ts';
import { HISTORY, LIST } from './statements.ts';
import { FleetError, troubleOf } from './trouble.ts';

type MachineRow = {
  readonly machine: string;
  readonly version: string;
  readonly accepts: readonly string[];
  /** How long ago it was heard, in milliseconds. */
  readonly age: number;
  readonly is_silent: boolean;
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
};
type AttemptRow = { readonly machine: string; readonly body: Attempt };

const LISTED_AT_ONCE = 10;

/** What the machines show each other, in rows of the database. */
export class PostgresDirectory implements Directory {
  readonly #onChange = new Listeners<void>();
  readonly #post: Post;
  #shown = '';

  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #sender: () => Sender;

  constructor(connection: Connection, outbox: Outbox, sender: () => Sender, log: FleetContext['log']) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#sender = sender;
    this.#post = new Post(connection, log);
    connection.onBeat.add(({ shown }) => {
      if (shown !== this.#shown) this.#onChange.emit();
      this.#shown = shown;
    });
    connection.onNotice.add(notice => {
      if (notice.startsWith('shown:')) this.#onChange.emit();
    });
  }

  putSession(session: Session): void {
    const { account: _account, ...shown } = session;
    this.#outbox.sessions.put(session.id, shown);
    this.#sender().soon();
  }

  removeSession(id: string): void {
    this.#outbox.sessions.put(id, undefined);
    this.#sender().soon();
  }

  putNotice(notice: Notice): void {
    this.#outbox.notices.put(notice.id, notice);
    this.#sender().soon();
  }

  removeNotice(id: string): void {
    this.#outbox.notices.put(id, undefined);
    this.#sender().soon();
  }

  record(attempt: Attempt): void {
    this.#outbox.record(attempt);
    this.#sender().soon();
  }

  async list(): Promise<readonly FleetMachine[]> {
    const rows = await this.#reach(() => this.#machines());
    const now = Date.now();
    return rows.map(({ machine, version, accepts, age, is_silent: isSilent, sessions, notices }) => ({
      machine,
      version,
      accepts,
      // The clock of the database may differ from the one here.
      seenAt: Math.round(now - Math.max(0, age)),
      ...(machine === this.#connection.machine && { isHere: true as const }),
      ...(isSilent && { isSilent: true as const }),
      sessions,
      notices,
    }));
  }

  /** A few at a time: each statement has a time limit, and a machine may show thousands of sessions. */
  async #machines(): Promise<readonly MachineRow[]> {
    const all: MachineRow[] = [];
    for (;;) {
      const rows = await this.#connection.query<MachineRow>(LIST, [all.at(-1)?.machine ?? '', LISTED_AT_ONCE]);
      all.push(...rows);
      if (rows.length < LISTED_AT_ONCE) return all;
    }
  }

  async history({ machine, id, limit }: Parameters<Directory['history']>[0]): Promise<readonly FleetAttempt[]> {
    const values = [machine ?? null, id ?? null, limit];
    const rows = await this.#reach(() => this.#connection.query<AttemptRow>(HISTORY, values));
    return rows.map(({ machine: from, body }) => ({ machine: from, attempt: body }));
  }

  readonly onChange = (listener: () => void) => this.#onChange.add(listener);

  find(machine: string): Promise<Peer> {
    return this.#reach(() => this.#post.find(machine));
  }

  send(to: Peer, content: unknown): Promise<void> {
    return this.#reach(() => this.#post.send(to, content));
  }

  attend(peer: Peer, onSilent: () => void): Cleanup {
    return this.#post.attention.attend(peer, onSilent);
  }

  onLetter(listener: (letter: Letter) => void): Cleanup {
    return this.#post.onLetter(listener);
  }

  stop(): void {
    this.#post.attention.stop();
  }

  async #reach<T>(ask: () => Promise<T>): Promise<T> {
    const { validity, beat } = this.#connection;
    try {
      // A kernel that serves one command asks before its first heartbeat has arrived.
      if (!validity.isValid()) await beat();
      // Another daemon that has this name would be shown as this machine.
      if (this.#connection.trouble?.isLasting) throw new FleetError(this.#connection.trouble);
      return await ask();
    } catch (error) {
      if (isKeepaliveError(error)) throw error;
      const { reason, action } = this.#connection.trouble ?? troubleOf(error);
      throw new KeepaliveError('KA_FLEET_UNREACHABLE', { reason, action }, error);
    }
  }
}
