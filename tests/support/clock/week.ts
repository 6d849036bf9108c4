import augment from '../../../plugins/augment/index.ts';
import claude from '../../../plugins/claude/index.ts';
import codex from '../../../plugins/codex/index.ts';
import oauth from '../../../plugins/oauth/index.ts';
import type { ResolvedConfig } from '../../../config/resolve.ts';
import type { PluginEntry } from '../../../sdk/plugin/config.ts';
import type { Duration } from '../../../sdk/contract/duration.ts';
import type { InspectContext, ProviderContext, ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import { fakeContext, fakeFiles, type FakeFiles } from '../../../sdk/testing/index.ts';
import { Simulation, type Cast } from './simulation.ts';
import { noWait } from '../vendors/token-file.ts';
import { weekLogins } from './week-logins.ts';
import { weekPrograms } from './week-programs.ts';
import { weekVendors } from './week-vendors.ts';

/** A Monday at eight. */
export const MONDAY = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEDTIME = 23;
const PROGRAMS = { claude: '/bin/claude', codex: '/bin/codex' };

/** The real providers, whose waits take no time. */
const FACTORIES: Readonly<Record<string, (options: never) => ProviderPlugin>> = {
  claude: options => claude(options, { wait: noWait, platform: 'linux' }),
  codex: options => codex(options, noWait),
  augment: options => augment(options, noWait),
  oauth,
};

function make(entry: PluginEntry): ProviderPlugin {
  const [name, options = {}] = typeof entry === 'string' ? [entry] : 'kind' in entry ? [entry.id] : entry;
  const factory = FACTORIES[name];
  if (!factory) throw new Error(`There is no ${name}.`);
  return factory(options as never);
}

/** A laptop with this configuration, its user and the vendors. */
export function week({
  config,
  tamper = files => files,
}: {
  readonly config: ResolvedConfig;
  readonly tamper?: (files: FakeFiles) => FakeFiles;
}) {
  const providers = config.plugins.map(make);
  const cast: Cast = Object.fromEntries(providers.map(provider => [provider.id, onLaptop(provider)]));
  const world = new Simulation(cast, { start: MONDAY, config });
  const { clock } = world;
  const files = tamper(fakeFiles());
  const vendors = weekVendors(clock.now);
  const exec = weekPrograms(files, vendors, clock.now);

  function onLaptop({ id: _id, displayName: _name, kind: _kind, ...provider }: ProviderPlugin): Cast[string] {
    const within = (context: InspectContext & Partial<ProviderContext>) =>
      fakeContext({ ...context, env: {}, files, programs: PROGRAMS, processes: [], exec, fetch: vendors.fetch });
    return {
      ...provider,
      refresh: context => clock.hold(provider.refresh(within(context))),
      inspect: async context => clock.hold(Promise.resolve(provider.inspect?.(within(context)) ?? { present: false })),
      watch: (context, changed) => provider.watch?.(within(context), changed) ?? (() => undefined),
    };
  }

  async function sleep(duration: Duration): Promise<void> {
    clock.jump(duration);
    const { weather } = vendors;
    vendors.weather = 'ENETUNREACH';
    await world.run('20s');
    vendors.weather = weather;
  }

  /** Runs until that moment. The laptop sleeps for eight hours every night. */
  async function until(moment: string): Promise<void> {
    const end = instantOf(moment);
    while (clock.now() < end) {
      const bedtime = Math.floor(clock.now() / DAY) * DAY + BEDTIME * HOUR;
      await clock.run(Math.min(bedtime, end) - clock.now());
      if (clock.now() === bedtime) await sleep('8h');
    }
  }

  return { world, files, vendors, until, sleep, logins: weekLogins(files, vendors, clock.now) };
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `Tue 18:00`, and `next Mon 18:00` in the second week. */
export function instantOf(moment: string): number {
  const [time = '', day = '', next] = moment.split(' ').toReversed();
  return (
    Math.floor(MONDAY / DAY) * DAY + (DAYS.indexOf(day) + (next ? 7 : 0)) * DAY + Date.parse(`1970-01-01T${time}Z`)
  );
}

export function momentOf(at: number): string {
  const days = Math.floor((at - Math.floor(MONDAY / DAY) * DAY) / DAY);
  return `${days > 6 ? 'next ' : ''}${DAYS[days % 7]} ${new Date(at).toISOString().slice(11, 16)}`;
}
