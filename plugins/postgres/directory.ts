import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetAttempt, FleetMachine } from '../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';
import type { Directory, FleetContext, Letter } from '../../sdk/plugin/fleet.ts';
import type { Connection } from './connection.ts';
import { Listeners } from './listeners.ts';
import type { Outbox } from './outbox.ts';
import type { Sender } from './sender.ts';
import { HISTORY, LIST, NOTIFY, RECEIVE, SEND } from './statements.ts';
import { troubleOf } from './trouble.ts';

type MachineRow = {
  readonly machine: string;
  readonly version: string;
  readonly accepts: readonly string[];
  readonly seen_at: number;
  readonly is_silent: boolean;
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
};
type AttemptRow = { readonly machine: string; readonly body: Attempt };
type LetterRow = { readonly sender: string; readonly body: string };

const LISTED_AT_ONCE = 10;

/** What the machines show each other, in rows of the database. */
export class PostgresDirectory implements Directory {
  readonly #onChange = new Listeners<void>();
  readonly #onLetter = new Listeners<Letter>();
  #shown = '';

  constructor(
    private readonly connection: Connection,
    private readonly outbox: Outbox,
    private readonly sender: () => Sender,
    private readonly log: FleetContext['log'],
  ) {
    const { machine } = connection;
    connection.onBeat.add(({ shown, has_letters: hasLetters }) => {
      if (shown !== this.#shown) this.#onChange.emit();
      this.#shown = shown;
      if (hasLetters) void this.#receive();
    });
    connection.onNotice.add(notice => {
      if (notice.startsWith('shown:')) this.#onChange.emit();
      if (notice === `letter:${machine}`) void this.#receive();
    });
  }

  putSession(session: Session): void {
    const { account: _account, ...shown } = session;
    this.outbox.sessions.put(session.id, shown);
    this.sender().soon();
  }

  removeSession(id: string): void {
    this.outbox.sessions.put(id, undefined);
    this.sender().soon();
  }

  putNotice(notice: Notice): void {
    this.outbox.notices.put(notice.id, notice);
    this.sender().soon();
  }

  removeNotice(id: string): void {
    this.outbox.notices.put(id, undefined);
    this.sender().soon();
  }

  record(attempt: Attempt): void {
    this.outbox.record(attempt);
    this.sender().soon();
  }

  async list(): Promise<readonly FleetMachine[]> {
    const rows = await this.#reach(() => this.#machines());
    return rows.map(({ machine, version, accepts, seen_at: seenAt, is_silent: isSilent, sessions, notices }) => ({
      machine,
      version,
      accepts,
      seenAt: Math.round(seenAt),
      ...(machine === this.connection.machine && { isHere: true as const }),
      ...(isSilent && { isSilent: true as const }),
      sessions,
      notices,
    }));
  }

  /** A few at a time: each statement has a time limit, and a machine may show thousands of sessions. */
  async #machines(): Promise<readonly MachineRow[]> {
    const all: MachineRow[] = [];
    for (;;) {
      const rows = await this.connection.query<MachineRow>(LIST, [all.at(-1)?.machine ?? '', LISTED_AT_ONCE]);
      all.push(...rows);
      if (rows.length < LISTED_AT_ONCE) return all;
    }
  }

  async history({ machine, id, limit }: Parameters<Directory['history']>[0]): Promise<readonly FleetAttempt[]> {
    const values = [machine ?? null, id ?? null, limit];
    const rows = await this.#reach(() => this.connection.query<AttemptRow>(HISTORY, values));
    return rows.map(({ machine: from, body }) => ({ machine: from, attempt: body }));
  }

  readonly onChange = (listener: () => void) => this.#onChange.add(listener);

  async send(machine: string, content: unknown): Promise<void> {
    const { connection } = this;
    await this.#reach(async () => {
      const body = connection.seal.close(content);
      await connection.query(SEND, [connection.machine, connection.run, machine, body]);
      return connection.query(NOTIFY, [`letter:${machine}`]);
    });
  }

  readonly onLetter = (listener: (letter: Letter) => void) => this.#onLetter.add(listener);

  async #receive(): Promise<void> {
    const { connection, log } = this;
    try {
      const rows = await connection.query<LetterRow>(RECEIVE, [connection.machine, connection.run]);
      for (const { sender, body } of rows) this.#onLetter.emit({ from: sender, content: connection.seal.open(body) });
    } catch (error) {
      log.warn({ err: error }, 'a message of another machine could not be read');
    }
  }

  async #reach<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const { reason } = this.connection.trouble ?? troubleOf(error);
      throw new KeepaliveError('KA_FLEET_UNREACHABLE', { reason }, error);
    }
  }
}
