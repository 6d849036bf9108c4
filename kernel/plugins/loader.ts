import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import { callPlugin, LOAD_LIMIT_MS } from '../../runtime/call-plugin.ts';
import type { Isolate } from '../../runtime/worker/isolated-plugin.ts';
import {
  BUILTINS,
  builtinFile,
  checkPlugin,
  isBuiltin,
  makePlugin,
  type ModuleEntry,
  type Origin,
} from '../../runtime/load-module.ts';

export type Loaded = {
  readonly plugin: Plugin;
  readonly module: string;
  /** Entries with the same key make the same plugin; a plugin object has none. */
  readonly key: string | undefined;
  readonly info: PluginInfo;
  /** Ends what the plugin has of its own: its process. */
  readonly dispose?: Cleanup | undefined;
};

/** The names of the plugins that come with the product. */
export const builtinNames = (): readonly string[] => readdirSync(BUILTINS).filter(isBuiltin);

/** How errors and lists call an entry of the configuration. */
export const nameOf = (entry: PluginEntry): string =>
  typeof entry === 'string' ? entry : isTuple(entry) ? entry[0] : '(inline)';

/** What an entry of the configuration gives its plugin; a plugin object has closed over its own. */
export const optionsOf = (entry: PluginEntry): object => (isTuple(entry) ? entry[1] : {});

/** Undefined also where the options hold what cannot be compared, such as a function. */
export function keyOf(entry: PluginEntry): string | undefined {
  if (typeof entry !== 'string' && !isTuple(entry)) return undefined;
  try {
    return JSON.stringify(entry, (name, value: unknown) => {
      if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
        throw new TypeError(`${name} cannot be compared`);
      return value;
    });
  } catch {
    return undefined;
  }
}

/** Strangers' plugins run in processes of their own, unless the configuration says otherwise; an inline plugin is part of the configuration. */
export function isIsolated(entry: PluginEntry): boolean {
  if (typeof entry !== 'string' && !isTuple(entry)) return false;
  const [, , place] = typeof entry === 'string' ? [] : entry;
  return place?.isolated ?? !isBuiltin(nameOf(entry));
}

/** Whether it loads without delay: a built-in, or a plugin object from the configuration. */
export const isOurs = (entry: PluginEntry): boolean =>
  (typeof entry !== 'string' && !isTuple(entry)) || isBuiltin(nameOf(entry));

/** Loads one entry. Options that a built-in refuses are the configuration's fault and throw; any other failure is the plugin's own. */
export async function loadEntry(entry: PluginEntry, origin: Origin, isolate: Isolate): Promise<Loaded> {
  const started = performance.now();
  const module = nameOf(entry);
  try {
    const isolated = isIsolated(entry);
    const { plugin, dispose } = isolated
      ? await isolate(moduleOf(entry), origin)
      : { plugin: await here(entry, origin), dispose: undefined };
    const { id, kind } = plugin;
    return {
      plugin,
      dispose,
      module,
      key: keyOf(entry),
      info: { id, kind, module, isolated, status: 'loaded', loadMs: elapsed(started) },
    };
  } catch (error) {
    if (isKeepaliveError(error)) throw error;
    throw new KeepaliveError('KA_PLUGIN_FAILED', { plugin: module, call: 'load' }, error);
  }
}

/** Built-ins that are loaded without a configuration: those that need no options and say so. */
export async function discoverable(): Promise<readonly string[]> {
  const found = await Promise.all(
    builtinNames().map(async name => {
      const module: unknown = await import(pathToFileURL(builtinFile(name)).href);
      return typeof module === 'object' && module !== null && 'autodetect' in module && module.autodetect === true
        ? [name]
        : [];
    }),
  );
  return found.flat();
}

const elapsed = (since: number): number => Math.round(performance.now() - since);

const here = async (entry: PluginEntry, origin: Origin): Promise<Plugin> =>
  typeof entry === 'string' || isTuple(entry)
    ? callPlugin({ id: nameOf(entry) }, 'load', LOAD_LIMIT_MS, () => makePlugin(moduleOf(entry), origin))
    : checkPlugin(nameOf(entry), entry);

const moduleOf = (entry: PluginEntry): ModuleEntry => ({ name: nameOf(entry), options: optionsOf(entry) });

const isTuple = (entry: PluginEntry): entry is Extract<PluginEntry, readonly unknown[]> => Array.isArray(entry);
