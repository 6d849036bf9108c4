import { basename } from 'node:path/posix';
import { claudeWith } from '../cast/claude.ts';
import { ENV } from '../cast/daemon.ts';
import { Owner } from '../cast/owner.ts';
import { SlowReader } from '../cast/slow-reader.ts';
import type { FolderNode } from '../world/disk.ts';
import { Program, type Interrupt } from '../world/program.ts';
import type { Login } from './household.ts';
import type { Place } from './life.ts';
import { OWNER_ENDS, ownerStarts } from './sentences.ts';
import type { Trouble } from './trouble.ts';
import type { World } from './troublemaker.ts';

type OwnerTrouble = Extract<Trouble, { readonly kind: 'owner' }>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A client that reads nothing stays for so long. */
const SLOW_MS = 3 * HOUR;

/** Starts other programs of the user beside the daemon. */
export class Beside {
  constructor(
    private readonly place: Place,
    private readonly world: World,
  ) {}

  readSlowly(): void {
    const { machine, daemon } = this.place;
    const reader = new SlowReader(machine, daemon);
    reader.program.onEnd(() => {
      this.world.story.tell(machine.name, `had ${reader.mostWaiting} bytes waiting for a client that reads nothing`);
      this.world.noteWaiting(reader.mostWaiting);
    });
    reader.run();
    machine.after(SLOW_MS, () => reader.program.kill());
  }

  /** A program of the user renews a login, at once or while the daemon does. */
  renew({ id, file, provider }: Login, trouble: OwnerTrouble): void {
    const { machine, owners } = this.place;
    const { from, besideMs, calls, end } = trouble;
    if (provider === 'claude') return this.#claude(calls, end);
    const start = (): void => {
      this.world.story.tell(machine.name, ownerStarts(id, trouble));
      const owner = new Owner(machine, file, this.world.weather);
      owners.add(owner);
      owner.program.onEnd(() => owners.delete(owner));
      owner.program.interrupt = this.#meetAt(calls, end);
      void owner.run();
    };
    if (from === 'now') return start();
    const onChange = (folder: FolderNode, name: string): void => {
      if (name !== `${basename(file)}.lock` || folder.entries.has(name) !== (from === 'lock')) return;
      machine.disk.watchers.delete(onChange);
      machine.after(besideMs, start);
    };
    machine.disk.watchers.add(onChange);
  }

  #claude(calls: number, end: OwnerTrouble['end']): void {
    const { machine } = this.place;
    this.world.story.tell(machine.name, 'starts Claude Code, which renews its login if that is due');
    const program = new Program(machine, 'claude', { ...ENV });
    program.interrupt = this.#meetAt(calls, end);
    const main = claudeWith(this.world.weather);
    void main(program, [], () => undefined).then(() => program.kill());
  }

  #meetAt(calls: number, end: OwnerTrouble['end']): Interrupt {
    let left = calls;
    return () => {
      left -= 1;
      return left === 0 ? this.#meet(end) : undefined;
    };
  }

  /** What an owner meets in the middle of its work. */
  #meet(end: OwnerTrouble['end']): 'before' | 'after' | undefined {
    const { machine } = this.place;
    this.world.watch.disturbed();
    if (end === 'well') return undefined;
    this.world.story.tell(machine.name, OWNER_ENDS[end]);
    if (end === 'sleep') machine.sleep(20 * MINUTE);
    if (end === 'clock') machine.clockError += HOUR;
    return end === 'crash' ? (machine.random.chance(0.5) ? 'before' : 'after') : undefined;
  }
}
