import { claudeWith } from '../cast/claude.ts';
import { ENV } from '../cast/daemon.ts';
import { SlowReader } from '../cast/slow-reader.ts';
import { Owner } from '../cast/owner.ts';
import { basename } from 'node:path/posix';
import type { Weather } from '../cast/weather.ts';
import type { FleetDatabase } from '../fleet/database.ts';
import type { Watch } from '../rules/watch.ts';
import { Program, type Interrupt } from '../world/program.ts';
import type { Place } from './life.ts';
import type { Story } from './story.ts';
import type { Trouble } from './trouble.ts';
import type { User } from './user.ts';

type Meeting = Extract<Trouble, { readonly kind: 'owner' }>['end'];
type World = {
  readonly weather: Weather;
  readonly database: FleetDatabase;
  readonly story: Story;
  readonly watch: Pick<Watch, 'disturbed' | 'resumeAll' | 'clockSetBack' | 'requested' | 'suffer'>;
  readonly user: User;
  /** So many bytes waited at most for a client that reads nothing. */
  readonly noteWaiting: (bytes: number) => void;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A client that reads nothing stays for so long. */
const SLOW_MS = 3 * HOUR;

/** Who starts the daemon again, as a service manager does, waits so long in milliseconds. */
const RESTART_MS = 5_000;

/** Makes things go wrong. */
export class Troublemaker {
  constructor(
    private readonly place: Place,
    private readonly world: World,
  ) {}

  make(trouble: Trouble): void {
    const { machine, daemon } = this.place;
    this.world.watch.disturbed();
    this.#tell(trouble);
    switch (trouble.kind) {
      case 'kill':
        daemon.program?.kill();
        return this.#startAgain();
      case 'power-cut':
        machine.cutPower();
        return this.#startAgain();
      case 'restart':
        daemon.program?.signal('SIGTERM');
        return this.#startAgain();
      case 'crash':
        return this.#crash(trouble);
      case 'sleep':
        machine.sleep(trouble.ms);
        return void machine.timeline.after(trouble.ms, () => this.world.watch.disturbed());
      case 'disk-full':
        machine.disk.free = trouble.free;
        return this.#later(trouble.ms, () => (machine.disk.free = Infinity));
      case 'read-only':
        machine.disk.isReadOnly = true;
        return this.#later(trouble.ms, () => (machine.disk.isReadOnly = false));
      case 'offline':
        machine.isOnline = false;
        return this.#later(trouble.ms, () => (machine.isOnline = true));
      case 'clock':
        return this.#setClock(trouble.by);
      case 'vendor':
        this.world.weather.fates = [...Array<typeof trouble.fate>(trouble.requests).fill(trouble.fate), 'answered'];
        return;
      case 'sign-in':
        return this.world.user.signIn(this.#login().id);
      case 'refresh-now':
        return this.#request(false);
      case 'force':
        return this.#request(true);
      case 'pause':
        return this.#pause(trouble.ms);
      case 'reload':
        return void daemon.ask('kernel/reload');
      case 'fleet':
      case 'fleet-clock':
        return this.#fleet(trouble);
      case 'slow-reader':
        return this.#slowReader();
      case 'overtaken':
        return this.#overtake();
      case 'owner':
        return this.#owner(trouble);
    }
  }

  #tell({ at: _at, machine: _machine, kind, ...rest }: Trouble): void {
    const facts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
    this.world.story.tell(this.place.machine.name, [kind, ...facts].join(', '));
  }

  #login() {
    const { logins, machine } = this.place;
    const found = logins[machine.random.below(logins.length)];
    if (!found) throw new Error('There is no login.');
    return found;
  }

  #setClock(by: number): void {
    this.place.machine.clockError += by;
    if (by < 0) this.world.watch.clockSetBack();
  }

  #request(force: boolean): void {
    const { id } = this.#login();
    this.world.watch.requested(id);
    void this.place.daemon.ask('session/refresh', { id, force });
  }

  #later(ms: number, mend: () => void): void {
    const recover = this.world.watch.suffer();
    this.place.machine.timeline.after(ms, () => {
      mend();
      recover();
      this.world.story.tell(this.place.machine.name, 'is well again');
    });
  }

  #startAgain(): void {
    this.place.machine.after(RESTART_MS, () => this.#start());
  }

  /** A refused start is tried again, as a service manager does. */
  #start(): void {
    this.place.daemon.start();
    this.world.watch.disturbed();
  }

  #crash({ calls, from, when, power }: Extract<Trouble, { readonly kind: 'crash' }>): void {
    const { daemon, machine } = this.place;
    const { program } = daemon;
    if (!program?.isAlive) return;
    let left = calls;
    let counts = from === 'now';
    program.interrupt = call => {
      counts ||= call === from;
      if (!counts || !CHANGES.has(call)) return undefined;
      left -= 1;
      if (left > 0) return undefined;
      this.world.story.tell(machine.name, `crashes ${when} ${call}${power ? ', and loses its power' : ''}`);
      this.world.watch.disturbed();
      if (power) machine.timeline.after(0, () => machine.cutPower());
      this.#startAgain();
      return when;
    };
  }

  #fleet(trouble: Extract<Trouble, { readonly kind: 'fleet' | 'fleet-clock' }>): void {
    const { database } = this.world;
    if (trouble.kind === 'fleet-clock') database.clockError += trouble.by;
    else {
      database.reach = trouble.reach;
      this.#later(trouble.ms, () => (database.reach = 'well'));
    }
  }

  #slowReader(): void {
    const { machine, daemon } = this.place;
    const reader = new SlowReader(machine, daemon);
    reader.program.onEnd(() => {
      this.world.story.tell(machine.name, `had ${reader.mostWaiting} bytes waiting for a client that reads nothing`);
      this.world.noteWaiting(reader.mostWaiting);
    });
    reader.run();
    machine.after(SLOW_MS, () => reader.program.kill());
  }

  /** Another program ends its own renewal of a login just before the daemon takes the lock. */
  #overtake(): void {
    const { machine, daemon } = this.place;
    const { program } = daemon;
    const login = this.#login();
    if (!program?.isAlive) return;
    const { interrupt } = program;
    program.interrupt = (call, path) => {
      if (call !== 'mkdir' || path !== `${login.file}.lock`) return interrupt(call, path);
      program.interrupt = interrupt;
      this.world.user.renew(machine, login);
      return undefined;
    };
  }

  /** A program of the user renews a login, at once or while the daemon does. */
  #owner({ besideMs, calls, end }: Extract<Trouble, { readonly kind: 'owner' }>): void {
    const { machine, owners } = this.place;
    const { file, provider } = this.#login();
    if (provider === 'claude') return this.#claude(calls, end);
    const start = (): void => {
      const owner = new Owner(machine, file, this.world.weather);
      owners.add(owner);
      owner.program.onEnd(() => owners.delete(owner));
      owner.program.interrupt = this.#meetAt(calls, end);
      void owner.run();
    };
    if (besideMs === undefined) return start();
    const onChange = (_folder: unknown, name: string): void => {
      // The lock, or the next version of the file.
      const own = basename(file);
      if (name !== `${own}.lock` && !name.startsWith(`.${own}.keepalive-`)) return;
      machine.disk.watchers.delete(onChange);
      machine.after(besideMs, start);
    };
    machine.disk.watchers.add(onChange);
  }

  #claude(calls: number, end: Meeting): void {
    const program = new Program(this.place.machine, 'claude', { ...ENV });
    program.interrupt = this.#meetAt(calls, end);
    const main = claudeWith(this.world.weather);
    void main(program, [], () => undefined).then(() => program.kill());
  }

  #meetAt(calls: number, end: Meeting): Interrupt {
    let left = calls;
    return () => {
      left -= 1;
      return left === 0 ? this.#meet(end) : undefined;
    };
  }

  /** What an owner meets in the middle of its work. */
  #meet(end: Meeting): 'before' | 'after' | undefined {
    const { machine } = this.place;
    this.world.watch.disturbed();
    if (end === 'well') return undefined;
    this.world.story.tell(machine.name, `has an owner that meets its ${end}`);
    if (end === 'sleep') machine.sleep(20 * MINUTE);
    if (end === 'clock') machine.clockError += HOUR;
    return end === 'crash' ? (machine.random.chance(0.5) ? 'before' : 'after') : undefined;
  }

  #pause(ms: number): void {
    const { daemon, machine } = this.place;
    const { id } = this.#login();
    const recover = this.world.watch.suffer();
    void daemon.ask('session/pause', { id });
    machine.after(ms, () => {
      recover();
      this.world.watch.resumeAll();
    });
  }
}

/** The calls that change a disk. */
const CHANGES = new Set([
  'write',
  'fsync',
  'rename',
  'unlink',
  'mkdir',
  'rmdir',
  'ftruncate',
  'open',
  'writeFile',
  'rm',
  'utimes',
]);
