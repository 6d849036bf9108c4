import { AUTO } from '../../sdk/contract/config-schema.ts';
import type { Addition } from '../../sdk/contract/rpc.ts';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { idOf } from '../../state/settings.ts';
import { discoverable, nameOf, optionsOf } from './loader.ts';

/** An entry to load. */
export type Wanted = {
  readonly entry: PluginEntry;
  /** Its index in the configuration; undefined if the configuration does not name it. */
  readonly at?: number | undefined;
  /** `'auto'` stands for it: it is used only if its tool is found, and gives way to an entry with the same id. */
  readonly isAuto?: boolean | undefined;
  /** The id of the session, if the user added it in a frontend. */
  readonly added?: string | undefined;
};

/** The built-in plugin that serves the settings page. */
const PAGE = 'ui-web';

/** Built-ins that every configuration has. They cost nothing until the page is opened, or there is a notice. */
const ALWAYS = [PAGE, 'notify-desktop'];

/** The built-in provider that shows new users how a session is kept alive. */
const PRACTICE = 'practice';

/**
 * The entries of a configuration, with those that `'auto'` stands for, the settings page unless it is off, and the
 * added sessions.
 */
export async function wantedIn(
  entries: readonly PluginEntry[],
  additions: readonly Addition[] = [],
): Promise<readonly Wanted[]> {
  const found = entries.includes(AUTO) ? await discoverable() : [];
  const first = entries.indexOf(AUTO);
  const wanted = entries.flatMap((entry, at): readonly Wanted[] => {
    if (entry !== AUTO) return [{ entry, at }];
    return at === first ? found.map(name => ({ entry: name, isAuto: true })) : [];
  });
  const added = additions.map((addition): Wanted => {
    return { entry: [addition.plugin, addition.options], added: idOf(addition) };
  });
  const others = ALWAYS.filter(name => !isNamedIn(wanted, name)).map(entry => ({ entry }));
  return [...others, ...wanted, ...added].filter(({ entry }) => !isPageOff(entry));
}

/** Such an entry loads nothing, so clients do not offer the page. */
const isPageOff = (entry: PluginEntry): boolean =>
  nameOf(entry) === PAGE && JSON.stringify(optionsOf(entry)) === '{"serve":false}';

/** The same with the practice session. */
export const withPractice = (wanted: readonly Wanted[]): readonly Wanted[] =>
  isNamedIn(wanted, PRACTICE) ? wanted : [...wanted, { entry: PRACTICE }];

const isNamedIn = (wanted: readonly Wanted[], name: string): boolean =>
  wanted.some(({ entry }) => nameOf(entry) === name);

/** Where a plugin comes from that was not added: the configuration names it, `--demo` added it, or it was found. */
export type WhereFrom = 'named' | 'demo' | 'found';

export function originOf(wanted: Wanted | undefined): WhereFrom {
  if (wanted?.at !== undefined) return 'named';
  return wanted && nameOf(wanted.entry) === PRACTICE ? 'demo' : 'found';
}
