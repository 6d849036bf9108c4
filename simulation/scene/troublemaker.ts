import type { Weather } from '../cast/weather.ts';
import type { FleetDatabase } from '../fleet/database.ts';
import type { Watch } from '../rules/watch.ts';
import { Beside } from './beside.ts';
import type { Place } from './life.ts';
import { sentenceOf, type Announced } from './sentences.ts';
import type { Story } from './story.ts';
import type { Trouble } from './trouble.ts';
import type { User } from './user.ts';

export type World = {
  readonly weather: Weather;
  readonly database: FleetDatabase;
  readonly story: Story;
  readonly watch: Pick<Watch, 'disturbed' | 'resumeAll' | 'clockSetBack' | 'requested' | 'suffer'>;
  readonly user: User;
  /** So many bytes waited at most for a client that reads nothing. */
  readonly noteWaiting: (bytes: number) => void;
};

type Crash = Extract<Trouble, { readonly kind: 'crash' }>;
type BesideKind = 'fleet' | 'fleet-clock' | 'slow-reader' | 'overtaken' | 'owner';

/** Who starts the daemon again, as a service manager does, waits so long in milliseconds. */
const RESTART_MS = 5_000;

/** Makes things go wrong. */
export class Troublemaker {
  readonly #beside: Beside;

  constructor(
    private readonly place: Place,
    private readonly world: World,
  ) {
    this.#beside = new Beside(place, world);
  }

  make(trouble: Trouble): void {
    const { moments } = this.place.daemon;
    if (trouble.kind === 'crash') return moments.at(trouble.aim, () => this.#crash(trouble));
    if (!trouble.aim) return this.#happen(trouble);
    moments.at(trouble.aim, () => {
      this.#happen(trouble);
      return undefined;
    });
  }

  #happen(trouble: Exclude<Trouble, Crash>): void {
    const { machine, daemon } = this.place;
    this.world.watch.disturbed();
    if (trouble.kind !== 'owner') this.#tell(trouble);
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
      default:
        return this.#makeBeside(trouble);
    }
  }

  /** What happens outside of the machine, or in other programs. */
  #makeBeside(trouble: Extract<Trouble, { readonly kind: BesideKind }>): void {
    switch (trouble.kind) {
      case 'fleet':
      case 'fleet-clock':
        return this.#fleet(trouble);
      case 'slow-reader':
        return this.#beside.readSlowly();
      case 'overtaken':
        return this.#overtake();
      case 'owner':
        return this.#beside.renew(this.#login(), trouble);
    }
  }

  #tell(trouble: Announced): void {
    this.world.story.tell(this.place.machine.name, sentenceOf(trouble));
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
    this.world.watch.requested(id, force);
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

  #crash(trouble: Crash): 'before' | 'after' | undefined {
    const { daemon, machine } = this.place;
    if (!daemon.program?.isAlive) return undefined;
    this.#tell(trouble);
    this.world.watch.disturbed();
    if (trouble.power) machine.timeline.after(0, () => machine.cutPower());
    this.#startAgain();
    return trouble.when;
  }

  #fleet(trouble: Extract<Trouble, { readonly kind: 'fleet' | 'fleet-clock' }>): void {
    const { database } = this.world;
    if (trouble.kind === 'fleet-clock') database.clockError += trouble.by;
    else {
      database.reach = trouble.reach;
      this.#later(trouble.ms, () => (database.reach = 'well'));
    }
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
