import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { inTurn } from '../../sdk/base/in-turn.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetContext, Letter, Peer } from '../../sdk/plugin/fleet.ts';
import { Attention, type PeerRow } from './attention.ts';
import type { Connection } from './connection.ts';
import { Listeners } from './listeners.ts';
import { PEERS, RECEIVE, SEND } from './statements.ts';

/** A letter that is older, by the clock of the database, is not taken. */
const MAX_AGE_MS = 60_000;

const peerSchema = z.strictObject({ machine: z.string(), run: z.string() });

/** What is sealed: writer, reader and time, so that a letter cannot be redirected, renamed or sent again. */
const envelopeSchema = z.strictObject({
  id: z.string(),
  from: peerSchema,
  to: peerSchema,
  /** When it was sealed, by the clock of the database, in milliseconds. */
  at: z.number(),
  content: z.unknown(),
});

type LetterRow = { readonly sender: string; readonly run: string; readonly body: string; readonly now: number };
type Line = Peer & Pick<Connection, 'seal' | 'query' | 'validity' | 'onBeat' | 'onNotice'>;

/** Sends letters to other daemons, and takes those for this one. */
export class Post {
  readonly attention: Attention;
  readonly #onLetter = new Listeners<Letter>();
  readonly #inTurn = inTurn();
  /** The letters that were taken, with when they were sealed. */
  readonly #taken = new Map<string, number>();

  readonly #connection: Line;
  readonly #log: Pick<FleetContext['log'], 'warn'>;

  constructor(connection: Line, log: Pick<FleetContext['log'], 'warn'>) {
    this.#connection = connection;
    this.#log = log;
    const { machine } = connection;
    const receive = () => void this.#inTurn(() => this.#receive());
    this.attention = new Attention(connection, receive);
    connection.onBeat.add(({ has_letters: hasLetters }) => hasLetters && receive());
    connection.onNotice.add(notice => notice === `letter:${machine}` && receive());
  }

  readonly onLetter = (listener: (letter: Letter) => void) => this.#onLetter.add(listener);

  /** Throws `KA_FLEET_MACHINE_NOT_FOUND` and `KA_FLEET_SILENT`. */
  async find(machine: string): Promise<Peer> {
    const { run } = await this.#look(machine);
    return { machine, run };
  }

  /** Throws `KA_FLEET_MACHINE_NOT_FOUND` and `KA_FLEET_SILENT`. */
  async send(to: Peer, content: unknown): Promise<void> {
    const { machine, run, seal } = this.#connection;
    const { run: running, now } = await this.#look(to.machine);
    if (running !== to.run) throw new KeepaliveError('KA_FLEET_SILENT', { machine: to.machine });
    const body = seal.close({ id: randomUUID(), from: { machine, run }, to, at: now, content });
    const [sent] = await this.#connection.query(SEND, [machine, run, to.machine, body]);
    if (!sent) throw new Error('another daemon uses the name of this machine');
  }

  async #look(machine: string): Promise<PeerRow> {
    const connection = this.#connection;
    const [found] = await connection.query<PeerRow>(PEERS, [connection.machine, connection.run, [machine]]);
    if (!found) throw new KeepaliveError('KA_FLEET_MACHINE_NOT_FOUND', { machine });
    if (!found.is_alive) throw new KeepaliveError('KA_FLEET_SILENT', { machine });
    return found;
  }

  async #receive(): Promise<void> {
    const connection = this.#connection;
    const log = this.#log;
    try {
      const rows = await connection.query<LetterRow>(RECEIVE, [connection.machine, connection.run]);
      for (const row of rows) this.#take(row);
    } catch (error) {
      log.warn({ err: error }, 'the messages of other machines could not be read');
    }
  }

  #take(row: LetterRow): void {
    const letter = this.#open(row);
    if (letter) this.#onLetter.emit(letter);
    else this.#log.warn({ from: row.sender }, 'a message that is not genuine was dropped');
  }

  /** Undefined if it was not written by that daemon to this one, lately and once. */
  #open({ sender, run, body, now }: LetterRow): Letter | undefined {
    const connection = this.#connection;
    const envelope = this.#unseal(body);
    if (!envelope) return undefined;
    const { id, from, to, at, content } = envelope;
    for (const [known, sealedAt] of this.#taken) if (Math.abs(now - sealedAt) > MAX_AGE_MS) this.#taken.delete(known);
    const isFrom = from.machine === sender && from.run === run;
    const isToUs = to.machine === connection.machine && to.run === connection.run;
    if (!isFrom || !isToUs || Math.abs(now - at) > MAX_AGE_MS || this.#taken.has(id)) return undefined;
    this.#taken.set(id, at);
    return { from, content };
  }

  #unseal(body: string): z.output<typeof envelopeSchema> | undefined {
    try {
      return envelopeSchema.safeParse(this.#connection.seal.open(body)).data;
    } catch {
      // It was sealed with another key, or changed.
      return undefined;
    }
  }
}
