import { Daemon } from '../cast/daemon.ts';
import { Vendor, type Family } from '../cast/vendor.ts';
import { Weather } from '../cast/weather.ts';
import type { Product } from '../product.ts';
import { AnswerRules } from '../rules/answers.ts';
import { Broken } from '../rules/rules.ts';
import { TokenRules } from '../rules/tokens.ts';
import { Watch } from '../rules/watch.ts';
import { Machine } from '../world/machine.ts';
import { Random } from '../world/random.ts';
import { Timeline } from '../world/timeline.ts';
import { install, storeLogin, type Login } from './household.ts';
import { Story } from './story.ts';
import { Troublemaker } from './troublemaker.ts';
import type { Trouble } from './trouble.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5, 8);

export type LifeOptions = { readonly seed: number; readonly days: number; readonly troubles: readonly Trouble[] };

/** A machine of the simulation, with what runs on it and what it holds. */
export type Place = {
  readonly machine: Machine;
  readonly daemon: Daemon;
  readonly logins: readonly Login[];
  /** The login that each file holds, as the vendor knows it. */
  readonly families: Map<string, Family>;
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
export async function live(product: Product, { seed, days, troubles }: LifeOptions): Promise<Outcome> {
  const timeline = new Timeline(START);
  const random = new Random(seed);
  const story = new Story(timeline, START);
  const vendor = new Vendor(timeline, random.fork(), {
    lifeMs: random.pick([20 * MINUTE, 60 * MINUTE, 8 * 60 * MINUTE]),
    graceMs: random.pick([0, 0, 30_000]),
  });
  const weather = new Weather(vendor, random.fork());
  const machine = new Machine('laptop', timeline, random.fork());
  const logins = ['acme', 'globex'].map(id => ({ id, file: `/home/user/${id}.json` }));
  let broken: Broken | undefined;
  const check = (work: () => void): void => {
    try {
      if (!broken) work();
    } catch (error) {
      broken = error instanceof Broken ? error : new Broken('runs-on', describe(error));
    }
  };

  const tokens = new TokenRules([machine]);
  const answers = new AnswerRules(machine, check);
  const families = new Map<string, Family>();
  const daemon: Daemon = new Daemon(
    { machine, product, weather },
    {
      onNotification: told => check(() => watch.onNotification(told)),
      onMessage: text => check(() => watch.onMessage(text)),
      onStarted: () => check(() => watch.onStarted()),
      onRefused: (_daemon, error) => check(() => watch.onRefused(error)),
    },
  );
  const place: Place = { machine, daemon, logins, families };
  const watch = new Watch(place, { vendor, weather, tokens, story });
  vendor.onExchange = exchange => {
    story.tell(exchange.by, `sent a token of ${exchange.family?.account ?? 'nothing'}: ${exchange.result}`);
    check(() => tokens.onExchange(exchange));
    check(() => answers.onExchange(exchange));
  };
  install(machine, logins);
  for (const login of logins) {
    const issued = vendor.signIn(login.id);
    families.set(login.file, issued.family);
    storeLogin(machine, login, issued);
  }
  daemon.start();
  const troublemaker = new Troublemaker(place, { vendor, weather, story, watch });
  for (const trouble of troubles) timeline.at(START + trouble.at, () => check(() => troublemaker.make(trouble)));
  watch.begin(check);
  timeline.onError = error => check(() => { throw error; });
  const onRejection = (error: unknown): void => timeline.onError(error);
  process.on('unhandledRejection', onRejection);
  await timeline.run(START + days * DAY, () => broken !== undefined);
  process.off('unhandledRejection', onRejection);
  check(() => watch.finish());
  const lasted = timeline.now - START;
  return { broken, story: story.lines, lasted, happenings: timeline.count, renewals: vendor.exchanges.length };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
