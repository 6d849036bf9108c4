import { Daemon, type DaemonEvents } from '../cast/daemon.ts';
import { claudeWith } from '../cast/claude.ts';
import type { Owner } from '../cast/owner.ts';
import { Vendor, type Exchange, type Family } from '../cast/vendor.ts';
import { Weather } from '../cast/weather.ts';
import type { Product } from '../product.ts';
import { FleetDatabase } from '../fleet/database.ts';
import { judgeWaiting } from '../rules/bounded.ts';
import { isGranted, judgeFleet } from '../rules/fleet.ts';
import { AnswerRules } from '../rules/answers.ts';
import { judgeOwners } from '../rules/owners.ts';
import { Broken, type Rule } from '../rules/rules.ts';
import { TokenRules } from '../rules/tokens.ts';
import { Watch } from '../rules/watch.ts';
import { Machine } from '../world/machine.ts';
import { Random } from '../world/random.ts';
import { Timeline } from '../world/timeline.ts';
import { CLAUDE, install, LIVES, LOGINS, type Login } from './household.ts';
import { tokenSent } from './sentences.ts';
import { Story } from './story.ts';
import { Troublemaker } from './troublemaker.ts';
import { machinesOf, type Trouble } from './trouble.ts';
import { User } from './user.ts';

const MINUTE = 60_000;
/**
 * A machine that was cut off, or slept, may not know yet that another one holds a copy of its login, and renews it: by
 * design, no fleet keeps a machine from what is its alone. See docs/fleet.md.
 */
const REUNITED_MS = 30 * MINUTE;
const DAY = 86_400_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5, 8);

export type LifeOptions = {
  /** How long access tokens may live, in milliseconds. [mostly hours] */
  readonly lives?: readonly [number, ...number[]];
  readonly seed: number;
  readonly days: number;
  readonly troubles: readonly Trouble[];
  /** How many machines there are. [by the seed] */
  readonly machines?: number;
  /** The only rule that is judged. [all] */
  readonly rule?: Rule;
  /** Gets each line of the story when it happens. */
  readonly onLine?: (line: string) => void;
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
  readonly #story: Story;
  readonly #vendor: Vendor;
  readonly #weather: Weather;
  readonly #database: FleetDatabase;
  readonly #tokens: TokenRules;
  readonly #answers: readonly AnswerRules[];
  readonly #places: readonly Place[];
  readonly #watches: readonly Watch[];
  #broken: Broken | undefined;

  constructor(
    private readonly product: Product,
    private readonly options: LifeOptions,
  ) {
    const random = new Random(options.seed);
    this.#random = random;
    this.#story = new Story(this.#timeline, START, options.onLine);
    this.#vendor = new Vendor(this.#timeline, random.fork(), {
      lifeMs: random.pick(options.lives ?? LIVES),
      graceMs: random.pick([0, 0, 30_000]),
    });
    this.#weather = new Weather(this.#vendor, random.fork());
    this.#database = new FleetDatabase(this.#timeline, random.fork());
    const logins = { laptop: random.chance(0.15) ? [...LOGINS, CLAUDE] : LOGINS, desktop: LOGINS.slice(1) };
    this.#places = Object.entries(logins)
      .slice(0, this.#size)
      .map(([name, held], index) => this.#settle(name, held, index));
    this.#weather.onUnfair = () => this.#watches.forEach(watch => watch.disturbed());
    this.#tokens = new TokenRules(this.#places);
    this.#answers = this.#places.map(place => new AnswerRules(place, work => this.#check(work)));
    this.#watches = this.#places.map(place => new Watch(place, this.#world, this.#check));
  }

  get #size(): number {
    return this.options.machines ?? machinesOf(this.options.seed);
  }

  get #world() {
    const [vendor, weather, tokens, story] = [this.#vendor, this.#weather, this.#tokens, this.#story];
    return { vendor, weather, tokens, story, database: this.#database, isWell: this.#isWell };
  }

  /** Whether all machines of a fleet can do their part. */
  readonly #isWell = (): boolean =>
    this.#database.reach === 'well' && this.#places.every(({ machine: { disk } }) => disk.free > 0 && !disk.isReadOnly);

  async run(): Promise<Outcome> {
    const { days } = this.options;
    const timeline = this.#timeline;
    const user = new User(this.#places, { ...this.#world, random: this.#random.fork() });
    this.#follow(user);
    for (const { id } of [...LOGINS, CLAUDE]) user.signIn(id);
    for (const { daemon } of this.#places) daemon.start();
    this.#plan(user);
    for (const watch of this.#watches) watch.begin();
    const onRejection = (error: unknown): void => timeline.onError(error);
    process.on('unhandledRejection', onRejection);
    await timeline.run(START + days * DAY, () => this.#broken !== undefined);
    process.off('unhandledRejection', onRejection);
    for (const watch of this.#watches) this.#check(() => watch.finish());
    const lasted = timeline.now - START;
    const facts = { lasted, happenings: timeline.count, renewals: this.#vendor.exchanges.length };
    return { broken: this.#broken, story: this.#story.lines, ...facts };
  }

  /** What goes wrong on one machine of a fleet concerns the other too. */
  #plan(user: User): void {
    const disturbed = () => this.#watches.forEach(each => each.disturbed());
    const noteWaiting = (bytes: number) => this.#check(() => judgeWaiting(bytes));
    const makers = this.#watches.flatMap((own, index) => {
      const watch = {
        disturbed,
        resumeAll: () => own.resumeAll(),
        clockSetBack: () => own.clockSetBack(),
        requested: (...given: Parameters<Watch['requested']>) => own.requested(...given),
        suffer: (...given: Parameters<Watch['suffer']>) => own.suffer(...given),
      };
      const place = this.#places[index];
      return place ? new Troublemaker(place, { ...this.#world, user, watch, noteWaiting }) : [];
    });
    for (const trouble of this.options.troubles)
      this.#timeline.at(START + trouble.at, () => this.#check(() => makers[trouble.machine]?.make(trouble)));
  }

  #settle(name: string, logins: readonly Login[], index: number): Place {
    const machine = new Machine(name, this.#timeline, this.#random.fork());
    const installed = { claude: claudeWith(this.#weather) };
    const [weather, database] = [this.#weather, this.#database];
    const daemon = new Daemon({ machine, product: this.product, weather, installed, database }, this.#events(index));
    install(machine, logins, this.#size > 1);
    return { machine, daemon, logins, families: new Map(), owners: new Set() };
  }

  #events(index: number): DaemonEvents {
    const judge = (work: (watch: Watch) => void) =>
      this.#check(() => this.#watches.slice(index, index + 1).forEach(watch => work(watch)));
    return {
      onNotification: given => {
        given.daemon.moments.noticed(given);
        judge(watch => watch.onNotification(given));
      },
      onMessage: text => judge(watch => watch.onMessage(text)),
      onStarted: () => judge(watch => watch.onStarted()),
      onRefused: (_daemon, error) => judge(watch => watch.onRefused(error)),
      onExit: () => judge(watch => watch.onExit()),
    };
  }

  #follow(user: User): void {
    this.#vendor.onExchange = exchange => {
      this.#story.tell(exchange.by, tokenSent(exchange));
      this.#check(() => this.#tokens.onExchange(exchange));
      this.#check(() => this.#acted(exchange));
      this.#check(() => this.#answers.forEach(answers => answers.onExchange(exchange)));
      this.#check(() => judgeOwners(this.#places, exchange));
      this.#check(() => this.#judgeFleet(exchange));
      if (exchange.family?.endedBy !== undefined) user.noticeEnd(exchange.family);
    };
    this.#database.onShared = name =>
      this.#places.find(({ machine }) => machine.name === name)?.daemon.moments.reached('lease');
    this.#timeline.onError = error =>
      this.#check(() => {
        throw error;
      });
  }

  /** Each machine's sessions are named as the vendor's accounts. */
  #acted(exchange: Exchange): void {
    const { by, family } = exchange;
    if (!by.endsWith('/keepalived') || !family) return;
    this.#watchOf(exchange)?.apart.acted(family.account);
    this.#placeOf(exchange)?.daemon.moments.reached('sent');
  }

  /** A machine that asked the fleet in this attempt knows of the others. */
  #judgeFleet(exchange: Exchange): void {
    const watch = this.#watchOf(exchange);
    const begunAt = watch?.apart.begunAt(exchange.family?.account ?? '');
    if (watch?.isQuietFor(REUNITED_MS) || isGranted(this.#database, exchange, begunAt))
      judgeFleet(this.#database, exchange);
  }

  #placeOf({ by }: Exchange): Place | undefined {
    return this.#places.find(({ machine }) => by.startsWith(`${machine.name}/`));
  }

  #watchOf(exchange: Exchange): Watch | undefined {
    return this.#watches[this.#places.findIndex(place => place === this.#placeOf(exchange))];
  }

  /** Keeps the first rule that is broken. */
  readonly #check = (work: () => void): void => {
    try {
      if (!this.#broken) work();
    } catch (error) {
      const found = error instanceof Broken ? error : new Broken('runs-on', describe(error));
      if (found.rule !== (this.options.rule ?? found.rule)) return;
      this.#broken = found;
      this.#story.tell(found.rule, `is broken: ${found.how}`);
    }
  };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
