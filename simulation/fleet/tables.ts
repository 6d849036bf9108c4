// What plugins/postgres keeps in its database. Its SQL is not run here, because a database server does not run in this
// one thread. Each of its statements is written again in this folder, as what it does to these tables. So a fault in
// the SQL is not seen here: tests/plugins/postgres runs the SQL.

export type MachineRow = {
  readonly instance: string;
  readonly run: string;
  readonly version: string;
  readonly accepts: readonly string[];
  readonly seenAt: number;
  aliveUntil: number;
};

export type HoldingRow = {
  readonly machine: string;
  readonly session: string;
  login: string;
  store: string;
  kept: boolean;
  since: number;
};

export type LoginRow = {
  epoch: number;
  machine: string;
  run: string;
  session: string;
  store: string;
  takenAt: number;
  spentAt: number | undefined;
};

export type LetterRow = {
  readonly machine: string;
  readonly sender: string;
  readonly body: string;
  readonly sentAt: number;
};

type Body = { readonly id: string };
export type Attempted = { readonly machine: string; readonly session: string; readonly body: Body };

const MAX_ATTEMPTS = 500;

export class Tables {
  readonly machines = new Map<string, MachineRow>();
  /** By machine and session. */
  readonly holdings = new Map<string, HoldingRow>();
  readonly logins = new Map<string, LoginRow>();
  /** By machine, and id. */
  readonly sessions = new Map<string, Map<string, Body>>();
  readonly notices = new Map<string, Map<string, Body>>();
  attempts: Attempted[] = [];
  letters: LetterRow[] = [];
  key: string | null = null;
  shown = 1;
  held = 1;

  /** `now` is the clock of the database, and `notify` reaches all that listen. */
  constructor(
    readonly now: () => number,
    readonly notify: (text: string) => void,
  ) {}

  isOurs(machine: string, run: string): boolean {
    return this.machines.get(machine)?.run === run;
  }

  /** After the clock was set back, only a new heartbeat counts. */
  isAlive(name: string): boolean {
    const row = this.machines.get(name);
    const now = this.now();
    return row !== undefined && row.aliveUntil > now && row.seenAt - (row.aliveUntil - row.seenAt) / 3 <= now;
  }

  /** A machine that is alive holds the lease, and keeps its session. */
  isHeld(login: string, { machine, run, session }: LoginRow): boolean {
    const holding = this.holdings.get(keyOf(machine, session));
    const isKept = holding !== undefined && holding.login === login && holding.kept;
    return run !== '' && this.isOurs(machine, run) && this.isAlive(machine) && isKept;
  }

  holdingsOf(machine: string): readonly HoldingRow[] {
    return [...this.holdings.values()].filter(row => row.machine === machine);
  }

  record(attempt: Attempted): void {
    this.attempts = [...this.attempts, attempt].slice(-MAX_ATTEMPTS);
  }

  noteHeld(machine: string): void {
    this.held += 1;
    this.notify(`held:${machine}`);
  }
}

export const keyOf = (machine: string, session: string): string => `${machine}/${session}`;

/** A statement, given its parameters. Returns its rows. */
export type Statement = (tables: Tables, values: readonly unknown[]) => readonly object[];

/** Whether the first of two holdings has held its login for longer. */
export const isEarlier = (
  one: Pick<HoldingRow, 'since' | 'machine'>,
  other: Pick<HoldingRow, 'since' | 'machine'>,
): boolean => one.since < other.since || (one.since === other.since && one.machine < other.machine);
