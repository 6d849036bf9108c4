import type { Vendor } from '../cast/vendor.ts';
import type { Weather } from '../cast/weather.ts';
import type { Watch } from '../rules/watch.ts';
import { storeLogin } from './household.ts';
import type { Place } from './life.ts';
import type { Story } from './story.ts';
import type { Trouble } from './trouble.ts';

type World = { readonly vendor: Vendor; readonly weather: Weather; readonly story: Story; readonly watch: Watch };

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
        machine.clockError += trouble.by;
        return;
      case 'vendor':
        this.world.weather.fates = [...Array<typeof trouble.fate>(trouble.requests).fill(trouble.fate), 'answered'];
        return;
      case 'sign-in':
        return this.#signIn();
      case 'refresh-now':
        return this.#request(false);
      case 'force':
        return this.#request(true);
      case 'pause':
        return this.#pause(trouble.ms);
      case 'reload':
        return void daemon.ask('kernel/reload');
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

  #request(force: boolean): void {
    const { id } = this.#login();
    this.world.watch.requested(id);
    void this.place.daemon.ask('session/refresh', { id, force });
  }

  #later(ms: number, mend: () => void): void {
    this.place.machine.timeline.after(ms, () => {
      mend();
      this.world.watch.disturbed();
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

  #crash({ calls, when, power }: Extract<Trouble, { readonly kind: 'crash' }>): void {
    const { daemon, machine } = this.place;
    const { program } = daemon;
    if (!program?.isAlive) return;
    let left = calls;
    program.interrupt = call => {
      if (!CHANGES.has(call)) return undefined;
      left -= 1;
      if (left > 0) return undefined;
      this.world.story.tell(machine.name, `crashes ${when} ${call}${power ? ', and loses its power' : ''}`);
      this.world.watch.disturbed();
      if (power) machine.timeline.after(0, () => machine.cutPower());
      this.#startAgain();
      return when;
    };
  }

  #signIn(): void {
    const { machine, families } = this.place;
    const login = this.#login();
    const issued = this.world.vendor.signIn(login.id);
    families.set(login.file, issued.family);
    if (machine.disk.free === Infinity && !machine.disk.isReadOnly) storeLogin(machine, login, issued);
  }

  #pause(ms: number): void {
    const { daemon, machine } = this.place;
    const { id } = this.#login();
    void daemon.ask('session/pause', { id });
    machine.after(ms, () => {
      this.world.watch.disturbed();
      this.world.watch.resumeAll();
    });
  }
}

/** The calls that change a disk. */
const CHANGES = new Set(['write', 'fsync', 'rename', 'unlink', 'mkdir', 'rmdir', 'ftruncate', 'open', 'writeFile', 'rm', 'utimes']);
