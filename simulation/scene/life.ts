import { Daemon, type DaemonEvents } from '../cast/daemon.ts';
import type { Owner } from '../cast/owner.ts';
import { Vendor, type Family } from '../cast/vendor.ts';
import { Weather } from '../cast/weather.ts';
import type { Product } from '../product.ts';
import { AnswerRules } from '../rules/answers.ts';
import { judgeOwners } from '../rules/owners.ts';
import { Broken, type Rule } from '../rules/rules.ts';
import { TokenRules } from '../rules/tokens.ts';
import { Watch } from '../rules/watch.ts';
import { Machine } from '../world/machine.ts';
import { Random } from '../world/random.ts';
import { Timeline } from '../world/timeline.ts';
import { install, type Login } from './household.ts';
import { Story } from './story.ts';
import { Troublemaker } from './troublemaker.ts';
import type { Trouble } from './trouble.ts';
import { User } from './user.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5, 8);

export type LifeOptions = {
  readonly seed: number;
  readonly days: number;
  readonly troubles: readonly Trouble[];
  /** The only rule that is judged. [all] */
  readonly rule?: Rule;
};

/** A machine of the simulation, with what runs on it and what it holds. */
export type Place = {
  readonly machine: Machine;
  readonly daemon: Daemon;
  readonly logins: readonly Login[];
  /** The login that each file holds, as the vendor knows it. */
  readonly families: Map<string, Family>;
  /** The programs of the user that renew logins beside the daemon, while they run. */
  readonly owners: Set<Owner>;
};

export type Outcome = {
  readonly broken: Broken | undefined;
  readonly story: readonly string[];
  readonly happenings: number;
  /** How long it lasted, in milliseconds. */
  readonly lasted: number;
  readonly renewals: number;
};

/** Lives some days of a machine with its daemon, its user and its vendor, until a rule is broken. */
export const live = (product: Product, options: LifeOptions): Promise<Outcome> => new Life(product, options).run();

class Life {
  readonly #timeline = new Timeline(START);
  readonly #random: Random;
  readonly #story = new Story(this.#timeline, START);
  readonly #vendor: Vendor;
  readonly #weather: Weather;
  readonly #tokens: TokenRules;
  readonly #answers: AnswerRules;
  readonly #place: Place;
  readonly #watch: Watch;
  #broken: Broken | undefined;

  constructor(
    private readonly product: Product,
    private readonly options: LifeOptions,
  ) {
    const random = new Random(options.seed);
    this.#random = random;
    this.#vendor = new Vendor(this.#timeline, random.fork(), {
      lifeMs: random.pick([20 * MINUTE, 60 * MINUTE, 8 * 60 * MINUTE]),
      graceMs: random.pick([0, 0, 30_000]),
    });
    this.#weather = new Weather(this.#vendor, random.fork());
    this.#place = this.#settle('laptop');
    this.#tokens = new TokenRules([this.#place.machine]);
    this.#answers = new AnswerRules(this.#place, work => this.#check(work));
    this.#watch = new Watch(this.#place, this.#world);
  }

  get #world() {
    return { vendor: this.#vendor, weather: this.#weather, tokens: this.#tokens, story: this.#story };
  }

  async run(): Promise<Outcome> {
    const { days, troubles } = this.options;
    const [place, timeline] = [this.#place, this.#timeline];
    const user = new User([place], { ...this.#world, random: this.#random.fork() });
    this.#follow(user);
    for (const { id } of place.logins) user.signIn(id);
    place.daemon.start();
    const troublemaker = new Troublemaker(place, { ...this.#world, watch: this.#watch, user });
    for (const trouble of troubles)
      timeline.at(START + trouble.at, () => this.#check(() => troublemaker.make(trouble)));
    this.#watch.begin(this.#check);
    const onRejection = (error: unknown): void => timeline.onError(error);
    process.on('unhandledRejection', onRejection);
    await timeline.run(START + days * DAY, () => this.#broken !== undefined);
    process.off('unhandledRejection', onRejection);
    this.#check(() => this.#watch.finish());
    const facts = { lasted: timeline.now - START, happenings: timeline.count, renewals: this.#vendor.exchanges.length };
    return { broken: this.#broken, story: this.#story.lines, ...facts };
  }

  #settle(name: string): Place {
    const machine = new Machine(name, this.#timeline, this.#random.fork());
    const logins = ['acme', 'globex'].map(id => ({ id, file: `/home/user/${id}.json` }));
    const daemon = new Daemon({ machine, product: this.product, weather: this.#weather }, this.#events());
    install(machine, logins);
    return { machine, daemon, logins, families: new Map(), owners: new Set() };
  }

  #events(): DaemonEvents {
    return {
      onNotification: told => this.#check(() => this.#watch.onNotification(told)),
      onMessage: text => this.#check(() => this.#watch.onMessage(text)),
      onStarted: () => this.#check(() => this.#watch.onStarted()),
      onRefused: (_daemon, error) => this.#check(() => this.#watch.onRefused(error)),
    };
  }

  #follow(user: User): void {
    this.#vendor.onExchange = exchange => {
      this.#story.tell(exchange.by, `sent a token of ${exchange.family?.account ?? 'nothing'}: ${exchange.result}`);
      this.#check(() => this.#tokens.onExchange(exchange));
      this.#check(() => this.#answers.onExchange(exchange));
      this.#check(() => judgeOwners([this.#place], exchange));
      if (exchange.family?.endedBy !== undefined) user.noticeEnd(exchange.family);
    };
    this.#timeline.onError = error =>
      this.#check(() => {
        throw error;
      });
  }

  /** Keeps the first rule that is broken. */
  readonly #check = (work: () => void): void => {
    try {
      if (!this.#broken) work();
    } catch (error) {
      const found = error instanceof Broken ? error : new Broken('runs-on', describe(error));
      if (found.rule === (this.options.rule ?? found.rule)) this.#broken = found;
    }
  };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
