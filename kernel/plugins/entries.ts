import { AUTO } from '../../sdk/contract/config-schema.ts';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { discoverable, nameOf, optionsOf } from './loader.ts';

/** An entry to load. */
export type Wanted = {
  readonly entry: PluginEntry;
  /** Its index in the configuration; undefined if the configuration does not name it. */
  readonly at?: number | undefined;
  /** `'auto'` stands for it: it is used only if its tool is found, and gives way to an entry with the same id. */
  readonly isAuto?: boolean | undefined;
};

/** The built-in plugin that serves the settings page. It costs nothing until the page is opened. */
const PAGE = 'ui-web';

/** The built-in provider that shows new users how a session is kept alive. */
const PRACTICE = 'practice';

/** The entries of a configuration, with those that `'auto'` stands for, and the settings page unless it is off. */
export async function wantedIn(entries: readonly PluginEntry[]): Promise<readonly Wanted[]> {
  const found = entries.includes(AUTO) ? await discoverable() : [];
  const first = entries.indexOf(AUTO);
  const wanted = entries.flatMap((entry, at): readonly Wanted[] => {
    if (entry !== AUTO) return [{ entry, at }];
    return at === first ? found.map(name => ({ entry: name, isAuto: true })) : [];
  });
  // It comes first, because the page of a frontend that starts later is shown instead.
  const withPage = isNamedIn(wanted, PAGE) ? wanted : [{ entry: PAGE }, ...wanted];
  return withPage.filter(({ entry }) => !isPageOff(entry));
}

/** Such an entry loads nothing, so clients do not offer the page. */
const isPageOff = (entry: PluginEntry): boolean =>
  nameOf(entry) === PAGE && JSON.stringify(optionsOf(entry)) === '{"serve":false}';

/** The same with the practice session. */
export const withPractice = (wanted: readonly Wanted[]): readonly Wanted[] =>
  isNamedIn(wanted, PRACTICE) ? wanted : [...wanted, { entry: PRACTICE }];

const isNamedIn = (wanted: readonly Wanted[], name: string): boolean =>
  wanted.some(({ entry }) => nameOf(entry) === name);
