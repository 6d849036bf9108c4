import { pathToFileURL } from 'node:url';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import { callPlugin, LOAD_LIMIT_MS } from '../../runtime/call-plugin.ts';
import type { Isolate } from '../../runtime/worker/isolated-plugin.ts';
import { checkValue } from '../../sdk/contract/problems.ts';
import { partialPolicySchema } from '../../sdk/contract/policy-schema.ts';
import {
  builtinFile,
  builtinNames,
  checkPlugin,
  isBuiltin,
  makePlugin,
  type From,
  type Origin,
} from '../../runtime/load-module.ts';

export type Loaded = {
  readonly plugin: Plugin;
  readonly module: string;
  readonly info: PluginInfo;
  /** The user added it in a frontend. */
  readonly added?: true;
  /** Ends the plugin's process, if it has one. */
  readonly dispose?: Cleanup | undefined;
};

/** An entry that names a module. */
type Named = Exclude<PluginEntry, Plugin>;

/** The name of an entry in errors and lists. */
export const nameOf = (entry: PluginEntry): string =>
  isNamed(entry) ? (typeof entry === 'string' ? entry : entry[0]) : '(inline)';

/** The options that an entry gives its plugin. Those of an inline plugin are not visible. */
export const optionsOf = (entry: PluginEntry): object => (isNamed(entry) && typeof entry !== 'string' ? entry[1] : {});

/**
 * Entries with the same key make the same plugin. Undefined for an inline plugin, and for options that cannot be
 * compared, such as a function.
 */
export function keyOf(entry: PluginEntry): string | undefined {
  if (!isNamed(entry)) return undefined;
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

/** Whether it loads without delay: a built-in, or an inline plugin. */
export const isOurs = (entry: PluginEntry): boolean => !isNamed(entry) || isBuiltin(nameOf(entry));

/** Plugins of others run in processes of their own, unless the configuration says otherwise. */
function isIsolated(entry: Named): boolean {
  const placement = typeof entry === 'string' ? undefined : entry[2];
  return placement?.isolated ?? !isBuiltin(nameOf(entry));
}

/** Whether an entry runs code of someone else in the kernel's process. */
export const runsForeignCode = (entry: PluginEntry): boolean =>
  !isNamed(entry) || !(isBuiltin(nameOf(entry)) || isIsolated(entry));

/**
 * Loads one entry. Throws `KA_CONFIG_INVALID` if a built-in refuses its options: a mistake in the configuration. Any
 * other error is the plugin's.
 */
export async function loadEntry(entry: PluginEntry, origin: Origin, isolate: Isolate): Promise<Loaded> {
  const started = performance.now();
  const module = nameOf(entry);
  const isolated = isNamed(entry) && isIsolated(entry);
  try {
    const { plugin, dispose } = isolated
      ? await isolate({ name: module, options: optionsOf(entry) }, origin)
      : { plugin: await loadHere(entry, origin), dispose: undefined };
    const { id, kind } = plugin;
    const loadMs = Math.round(performance.now() - started);
    return { plugin, dispose, module, info: { id, kind, module, isolated, status: 'loaded', loadMs } };
  } catch (error) {
    if (isKeepaliveError(error)) throw error;
    throw new KeepaliveError('KA_PLUGIN_FAILED', { plugin: module, call: 'load' }, error);
  }
}

/** The built-in providers that `'auto'` stands for: those that need no options and say so. */
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

async function loadHere(entry: PluginEntry, origin: Origin): Promise<Plugin> {
  const [name, options] = [nameOf(entry), optionsOf(entry)];
  if (!isNamed(entry)) return withValidPolicy(checkPlugin({ module: name }, entry), { module: name });
  const making = () => makePlugin({ name, options }, origin);
  const { plugin, file } = await callPlugin({ id: name }, 'load', LOAD_LIMIT_MS, making);
  return withValidPolicy(plugin, { module: name, file });
}

/** A built-in's policy is right. That of an isolated plugin was checked where its process answered. */
function withValidPolicy(plugin: Plugin, from: From): Plugin {
  if (plugin.kind !== 'provider' || plugin.policy === undefined || isBuiltin(from.module)) return plugin;
  const result = checkValue(partialPolicySchema, plugin.policy, { show: found => JSON.stringify(found) });
  if (result.ok) return plugin;
  const problems = result.problems.map(({ path, message }) => ({ path: `policy${path && `.${path}`}`, message }));
  throw new KeepaliveError('KA_PLUGIN_INVALID', { ...from, problems });
}

const isNamed = (entry: PluginEntry): entry is Named => typeof entry === 'string' || Array.isArray(entry);
