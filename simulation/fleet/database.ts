import type { Random } from '../world/random.ts';
import type { Program } from '../world/program.ts';
import { systemError } from '../world/disk.ts';
import type { Timeline } from '../world/timeline.ts';
import { ACQUIRE } from '../../plugins/postgres/lease-statements.ts';
import { LEASES } from './leases.ts';
import { SHOWN } from './shown.ts';
import { keyOf, Tables } from './tables.ts';

/** How the database is reached. */
export type Reach =
  | 'well'
  | 'refused'
  | 'silent'
  /** It does what it is asked, and its answers are lost. */
  | 'deaf'
  /** What it is asked arrives much later. */
  | 'late';

const STATEMENTS = new Map([...LEASES, ...SHOWN]);

type Listener = { readonly program: Program; readonly onNotice: (text: string) => void };

/** The database of a fleet, and the network between it and the machines. */
export class FleetDatabase {
  readonly tables: Tables;
  reach: Reach = 'well';
  /** How far its clock is ahead of true time, in milliseconds. */
  clockError = 0;
  /** When a machine last got the lease of a login, by machine and login. */
  readonly grants = new Map<string, number>();
  /** A machine got the lease of a login that another holds too. */
  onShared: (machine: string) => void = () => undefined;
  readonly #listeners = new Set<Listener>();

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
  ) {
    this.tables = new Tables(
      () => this.timeline.now + this.clockError,
      text => this.#notify(text),
    );
  }

  /** Runs a statement for a program. It is done when it arrives, also if nothing waits for it any more. */
  query(program: Program, text: string, values: readonly unknown[]): Promise<readonly object[]> {
    const statement = STATEMENTS.get(text);
    if (!statement) throw new Error(`This statement is not simulated: ${text}`);
    return this.#ask(program, () => {
      const rows = statement(this.tables, values);
      if (text === ACQUIRE) this.#noteGrant(values, rows);
      return rows;
    });
  }

  #noteGrant([machine, , , login]: readonly unknown[], [row = {}]: readonly object[]): void {
    if (!('epoch' in row) || row.epoch === null) return;
    this.grants.set(keyOf(String(machine), String(login)), this.timeline.now);
    const isShared = [...this.tables.holdings.values()].some(each => each.login === login && each.machine !== machine);
    if (isShared) this.onShared(String(machine));
  }

  listen(program: Program, onNotice: (text: string) => void): Promise<() => void> {
    return this.#ask(program, () => {
      const listener = { program, onNotice };
      const end = () => void this.#listeners.delete(listener);
      this.#listeners.add(listener);
      program.onEnd(end);
      return end;
    });
  }

  #ask<T>(program: Program, work: () => T): Promise<T> {
    const { machine } = program;
    const { reach } = this;
    return new Promise((resolve, reject) => {
      const fail = (code: string) => program.after(5, () => reject(systemError(code, 'connect')));
      if (!machine.isOnline) return void fail('ENETUNREACH');
      if (reach === 'refused') return void fail('ECONNREFUSED');
      if (reach === 'silent') return;
      const delay = reach === 'late' ? this.random.between(1_000, 60_000) : this.random.between(1, 40);
      this.timeline.after(delay, () => {
        const result = work();
        if (reach === 'well') program.after(this.random.between(1, 40), () => machine.isOnline && resolve(result));
      });
    });
  }

  /** A notice is lost where the machine is not reached. */
  #notify(text: string): void {
    for (const { program, onNotice } of this.#listeners) {
      const { machine } = program;
      if (this.reach !== 'well' || !machine.isOnline || machine.isAsleep) continue;
      program.after(this.random.between(1, 40), () => onNotice(text));
    }
  }
}
