import type { Family, Vendor } from '../cast/vendor.ts';
import type { Random } from '../world/random.ts';
import type { Machine } from '../world/machine.ts';
import { storedToken, storeLogin, type Login } from './household.ts';
import type { Place } from './life.ts';
import type { Story } from './story.ts';

type World = { readonly vendor: Vendor; readonly story: Story; readonly random: Random };

type Reply = { readonly access_token: string; readonly refresh_token: string; readonly expires_in: number };

const HOUR = 3_600_000;

/** The person whose logins these are. */
export class User {
  readonly #noticed = new Set<Family>();

  constructor(
    private readonly places: readonly Place[],
    private readonly world: World,
  ) {}

  /**
   * Signs in, and stores the login wherever it is used, later if a disk takes nothing now: a copy that is left out
   * would wait for the user.
   */
  signIn(id: string): void {
    const isStorable = ({ machine: { disk }, logins }: Place) =>
      !logins.some(each => each.id === id) || (disk.free === Infinity && !disk.isReadOnly);
    if (!this.places.every(isStorable)) return void this.places[0]?.machine.timeline.after(HOUR, () => this.signIn(id));
    const issued = this.world.vendor.signIn(id);
    for (const { machine, logins, families } of this.places) {
      const login = logins.find(each => each.id === id);
      if (!login) continue;
      families.set(login.file, issued.family);
      storeLogin(machine, login, issued);
    }
  }

  /** Has a program of the user renew a login. It has ended by now. */
  renew(machine: Machine, login: Login): void {
    const token = storedToken(machine, login);
    if (token === undefined || token === 'torn' || machine.disk.free !== Infinity || machine.disk.isReadOnly) return;
    const { now } = machine.timeline;
    const { status, body } = this.world.vendor.exchange(token, { by: `${machine.name}/owner`, pid: 0, sentAt: now });
    if (status !== 200) return;
    const { access_token: access, refresh_token: refresh, expires_in: seconds } = JSON.parse(body) as Reply;
    storeLogin(machine, login, { access, refresh, expiresAt: now + seconds * 1_000 });
  }

  /** A login has ended. Hours later the user signs in again. */
  noticeEnd(family: Family): void {
    const [place] = this.places;
    if (!place || this.#noticed.has(family)) return;
    this.#noticed.add(family);
    place.machine.timeline.after(this.world.random.between(HOUR, 12 * HOUR), () => {
      this.world.story.tell('the user', `signs in to ${family.account} again`);
      this.signIn(family.account);
    });
  }
}
