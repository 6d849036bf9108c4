import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord } from '../sdk/base/json.ts';
import { isPluginId } from '../sdk/base/plugin-id.ts';
import { API_VERSION } from '../sdk/plugin/plugin.ts';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import { importModule } from '../sdk/config-file/import-file.ts';
import type { FleetPlugin } from '../sdk/plugin/fleet.ts';
import type { Plugin } from '../sdk/plugin/plugin.ts';
import { approve, type Vetting } from './approve.ts';
import { CODE, EXTENSION } from './installation.ts';

export const BUILTINS = join(CODE, 'plugins');
export const builtinFile = (name: string) => join(BUILTINS, name, `index${EXTENSION}`);
export const isBuiltin = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name) && existsSync(builtinFile(name));

/** An entry of the configuration that names a module. */
export type ModuleEntry = { readonly name: string; readonly options: object };

/** Where modules are resolved from, why their code may run (absent: not checked), and where compiled code is kept. */
export type Origin = { readonly base: string; readonly vetting?: Vetting; readonly stateDir: string };

/** Imports the module and calls its factory. */
export async function makePlugin({ name, options }: ModuleEntry, origin: Origin): Promise<Plugin> {
  const factory = defaultOf(await importNamed(name, origin));
  if (typeof factory !== 'function')
    throw new KeepaliveError('KA_PLUGIN_INVALID', {
      module: name,
      problem: 'it does not export a plugin factory as its default',
    });
  return checkPlugin(name, factory(options));
}

/** Makes the plugin that connects a fleet. Only those that come with the product may: they see every login's mark. */
export async function makeFleet({ name, options }: ModuleEntry): Promise<FleetPlugin> {
  if (!isBuiltin(name)) throw new KeepaliveError('KA_PLUGIN_NOT_FOUND', { module: name });
  const module: unknown = await import(pathToFileURL(builtinFile(name)).href);
  const factory = defaultOf(module);
  const plugin: unknown = typeof factory === 'function' ? factory(options) : undefined;
  if (isFleet(plugin)) return plugin;
  throw new KeepaliveError('KA_PLUGIN_INVALID', { module: name, problem: 'it does not connect a fleet' });
}

const isFleet = (plugin: unknown): plugin is FleetPlugin =>
  isRecord(plugin) && plugin['kind'] === 'fleet' && typeof plugin['open'] === 'function';

async function importNamed(name: string, { base, vetting, stateDir }: Origin): Promise<unknown> {
  if (isBuiltin(name)) return import(pathToFileURL(builtinFile(name)).href);
  const isPath = name.startsWith('.') || resolve(name) === name;
  const target = isPath ? resolve(dirname(base), name) : name;
  if (isPath && !existsSync(target)) throw new KeepaliveError('KA_PLUGIN_NOT_FOUND', { module: name, from: base });
  try {
    const check = async (found: string) => vetting && approve(name, found, vetting, stateDir);
    const { module, path } = await importModule(target, base, stateDir, check);
    checkApiVersion(name, path);
    return module;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new KeepaliveError(isPath ? 'KA_PLUGIN_FAILED' : 'KA_PLUGIN_NOT_FOUND', { module: name, from: base }, error);
  }
}

/** A package declares the version of the plugin API that it needs in its package.json. */
function checkApiVersion(name: string, path: string): void {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const declared =
      isRecord(manifest) && isRecord(manifest['keepalivePlugin'])
        ? manifest['keepalivePlugin']['apiVersion']
        : undefined;
    if (declared !== undefined && declared !== API_VERSION) {
      throw new KeepaliveError('KA_PLUGIN_API', { module: name, declared: String(declared), supported: API_VERSION });
    }
    return;
  }
}

const VERBS = { provider: 'refresh', frontend: 'start', notifier: 'raise' } as const;

/** Throws `KA_PLUGIN_INVALID` if it is not a plugin. */
export function checkPlugin(module: string, plugin: unknown): Plugin {
  const refuse = (problem: string) => new KeepaliveError('KA_PLUGIN_INVALID', { module, problem });
  if (!isRecord(plugin)) throw refuse('the factory did not return an object');
  const { kind, id } = plugin;
  if (kind !== 'provider' && kind !== 'frontend' && kind !== 'notifier')
    throw refuse('kind is not provider, frontend or notifier');
  if (typeof id !== 'string' || !isPluginId(id)) throw refuse('id is not a name of letters, digits, dots and dashes');
  if (typeof plugin[VERBS[kind]] !== 'function') throw refuse(`a ${kind} needs ${VERBS[kind]}()`);
  if (kind === 'provider' && typeof plugin['displayName'] !== 'string') throw refuse('a provider needs a displayName');
  return plugin as unknown as Plugin;
}

/** jiti returns the exports of a CommonJS module unchanged, or wrapped in `default`. */
function defaultOf(module: unknown): unknown {
  let at = module;
  for (let depth = 0; depth < 2 && isRecord(at) && 'default' in at; depth++) at = at['default'];
  return at;
}
