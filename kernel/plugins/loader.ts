import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginEntry } from '../../sdk/config.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/errors.ts';
import type { Plugin } from '../../sdk/plugin.ts';
import type { PluginInfo } from '../../sdk/rpc.ts';
import { importModule } from '../../sdk/import-file.ts';
import { CODE, EXTENSION } from '../installation.ts';

export type Loaded = {
  readonly plugin: Plugin;
  readonly module: string;
  /** Entries with the same key make the same plugin; a plugin object has none. */
  readonly key: string | undefined;
  readonly info: PluginInfo;
};

/** The version of the plugin API that this kernel speaks. */
export const API_VERSION = 1;

const BUILTINS = join(CODE, 'plugins');
const builtinFile = (name: string) => join(BUILTINS, name, `index${EXTENSION}`);

/** The names of the plugins that come with the product. */
export const builtinNames = (): readonly string[] => readdirSync(BUILTINS).filter(name => existsSync(builtinFile(name)));

/** How errors and lists call an entry of the configuration. */
export const nameOf = (entry: PluginEntry): string => (typeof entry === 'string' ? entry : isTuple(entry) ? entry[0] : '(inline)');

/** What an entry of the configuration gives its plugin; a plugin object has closed over its own. */
export const optionsOf = (entry: PluginEntry): object => (isTuple(entry) ? entry[1] : {});

export const keyOf = (entry: PluginEntry): string | undefined => (typeof entry === 'string' || isTuple(entry) ? JSON.stringify(entry) : undefined);

/** Loads one entry. Options that a built-in refuses are the configuration's fault and throw; any other failure is the plugin's own. */
export async function loadEntry(entry: PluginEntry, base: string, stateDir: string): Promise<Loaded> {
  const started = performance.now();
  const module = nameOf(entry);
  try {
    const plugin = checkPlugin(module, await instantiate(entry, base, stateDir));
    return { plugin, module, key: keyOf(entry), info: { id: plugin.id, kind: plugin.kind, module, status: 'loaded', loadMs: elapsed(started) } };
  } catch (error) {
    if (isKeepaliveError(error)) throw error;
    throw new KeepaliveError('KA_PLUGIN_FAILED', { plugin: module, call: 'load' }, error);
  }
}

/** Built-ins that are loaded without a configuration: those that need no options and say so. */
export async function discoverable(): Promise<readonly string[]> {
  const found = await Promise.all(builtinNames().map(async name => {
    const module: unknown = await import(pathToFileURL(builtinFile(name)).href);
    return isRecord(module) && module['autodetect'] === true ? [name] : [];
  }));
  return found.flat();
}

export const elapsed = (since: number): number => Math.round(performance.now() - since);

async function instantiate(entry: PluginEntry, base: string, stateDir: string): Promise<unknown> {
  if (typeof entry !== 'string' && !isTuple(entry)) return entry;
  const [name, options] = typeof entry === 'string' ? [entry, {}] : entry;
  const factory = defaultOf(await importNamed(name, base, stateDir));
  if (typeof factory !== 'function') throw new KeepaliveError('KA_PLUGIN_INVALID', { module: name, problem: 'it does not export a plugin factory as its default' });
  return factory(options);
}

async function importNamed(name: string, base: string, stateDir: string): Promise<unknown> {
  if (/^[a-z][a-z0-9-]*$/.test(name) && existsSync(builtinFile(name))) return import(pathToFileURL(builtinFile(name)).href);
  const isPath = name.startsWith('.') || resolve(name) === name;
  const target = isPath ? resolve(dirname(base), name) : name;
  if (isPath && !existsSync(target)) throw new KeepaliveError('KA_PLUGIN_NOT_FOUND', { module: name, from: base });
  try {
    const { module, path } = await importModule(target, base, stateDir);
    checkApiVersion(name, path);
    return module;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new KeepaliveError(isPath ? 'KA_PLUGIN_FAILED' : 'KA_PLUGIN_NOT_FOUND', { module: name, from: base }, error);
  }
}

/** A package says in its package.json for which version of the plugin API it was made. */
function checkApiVersion(name: string, path: string): void {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const declared = isRecord(manifest) && isRecord(manifest['keepalivePlugin']) ? manifest['keepalivePlugin']['apiVersion'] : undefined;
    if (declared !== undefined && declared !== API_VERSION) {
      throw new KeepaliveError('KA_PLUGIN_API', { module: name, declared: String(declared), supported: API_VERSION });
    }
    return;
  }
}

const VERBS = { provider: 'refresh', frontend: 'start', notifier: 'raise' } as const;

function checkPlugin(module: string, plugin: unknown): Plugin {
  const refuse = (problem: string) => new KeepaliveError('KA_PLUGIN_INVALID', { module, problem });
  if (!isRecord(plugin)) throw refuse('the factory did not return an object');
  const { kind, id } = plugin;
  if (kind !== 'provider' && kind !== 'frontend' && kind !== 'notifier') throw refuse('kind is not provider, frontend or notifier');
  if (typeof id !== 'string' || !/^[A-Za-z0-9][\w.-]{0,63}$/.test(id)) throw refuse('id is not a name of letters, digits, dots and dashes');
  if (typeof plugin[VERBS[kind]] !== 'function') throw refuse(`a ${kind} needs ${VERBS[kind]}()`);
  if (kind === 'provider' && typeof plugin['displayName'] !== 'string') throw refuse('a provider needs a displayName');
  return plugin as unknown as Plugin;
}

/** jiti hands a CommonJS module's exports on as they are, or with their default inside. */
function defaultOf(module: unknown): unknown {
  let at = module;
  for (let depth = 0; depth < 2 && isRecord(at) && 'default' in at; depth++) at = at['default'];
  return at;
}

const isTuple = (entry: PluginEntry): entry is readonly [string, object] => Array.isArray(entry);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
