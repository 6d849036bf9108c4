import type { Database } from '../../plugins/postgres/database.ts';
import { ACQUIRE, HOLD, SETTLE } from '../../plugins/postgres/lease-statements.ts';
import { CURRENT } from '../../plugins/postgres/migrations.ts';
import { BEAT, FORGET, LEAVE } from '../../plugins/postgres/statements.ts';
import { FleetError } from '../../plugins/postgres/trouble.ts';
import { Gate } from './gate.ts';

/** The statements of the plugin, on a database with a clock that the trace sets. */
export type LeaseDatabase = {
  now: number;
  /** `look` shows the row of a login, `prefer` makes a machine the one that has held it for longest. */
  readonly run: (statement: Statement | 'look' | 'prefer' | 'clear', values: readonly unknown[]) => Promise<Row>;
};

type Row = Record<string, unknown>;
type Statement = 'beat' | 'acquire' | 'settle' | 'hold' | 'leave' | 'forget';

const STATEMENTS = new Map<string, Statement>([
  [BEAT, 'beat'],
  [ACQUIRE, 'acquire'],
  [SETTLE, 'settle'],
  [HOLD, 'hold'],
  [LEAVE, 'leave'],
  [FORGET, 'forget'],
]);

/** Which value of `ACQUIRE` is what the clock of the database must show. */
const EXPECTED = 6;

/** Not `SILENT`: after that, the plugin would send a heartbeat by itself. */
const LOST = { reason: 'the answer was lost', action: 'None.', isLasting: false };

/** The database as the connection of one process sees it: what happens waits until the trace takes that step. */
export class Wire {
  readonly heart = new Gate();
  readonly attempt = new Gate();
  /** The next record that a token is spent does not arrive. */
  loses = false;
  #hasAsked = false;
  #isCut = false;

  constructor(
    private readonly database: LeaseDatabase,
    /** What the tables say of the key of the fleet. */
    private readonly check: string,
    /** The model leaves open who of the living has held the login for longest, and so comes first. */
    private readonly prefer: () => Promise<unknown>,
  ) {}

  /** The process ends: nothing arrives any more. */
  cut(): void {
    this.#isCut = true;
    this.heart.open('cut');
    this.attempt.open('cut');
  }

  /** An attempt begins. */
  begin(): void {
    this.#hasAsked = false;
  }

  readonly open = async (): Promise<Database> => ({
    query: async <T extends Row>(text: string, values: readonly unknown[]) => {
      const row = await this.#query(text, values);
      // The statement has said which columns there are, as for the plugin.
      return row ? [row as T] : [];
    },
    script: async () => undefined,
    listen: async () => () => undefined,
    close: async () => undefined,
  });

  async #query(text: string, values: readonly unknown[]): Promise<Row | undefined> {
    const statement = STATEMENTS.get(text);
    if (statement === undefined) return { version: CURRENT, key_check: this.check };
    if (statement === 'acquire') return this.#acquire(values);
    if (statement === 'leave') await this.#pass(this.heart, 'leave');
    if (statement === 'settle' && this.loses) throw new FleetError(LOST);
    const row = await this.#run(statement, values);
    if (statement === 'beat') await this.#pass(this.heart, 'answer');
    return row;
  }

  /**
   * One who is refused may ask once more in the same step. The program sets a limit to a statement, which is less than
   * the least time of the trace. So time that passes meanwhile is that before the statement, and after its answer.
   */
  async #acquire([...values]: readonly unknown[]): Promise<Row> {
    const askedAt = this.database.now;
    if (!this.#hasAsked) await this.#pass(this.attempt, 'acquire');
    this.#hasAsked = true;
    const expected = values[EXPECTED];
    if (typeof expected === 'number') values[EXPECTED] = expected + this.database.now - askedAt;
    await this.prefer();
    const row = await this.#run('acquire', values);
    const ranAt = this.database.now;
    if (row['alive'] === true && row['epoch'] !== null) await this.#pass(this.attempt, 'answer');
    return { ...row, at: Number(row['at']) + this.database.now - ranAt };
  }

  async #pass(gate: Gate, operation: string): Promise<void> {
    if (this.#isCut || ['loses', 'cut'].includes(await gate.pass(operation))) throw new FleetError(LOST);
  }

  async #run(statement: Statement, values: readonly unknown[]): Promise<Row> {
    if (this.#isCut) throw new FleetError(LOST);
    return this.database.run(statement, values);
  }
}
