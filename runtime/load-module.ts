import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord } from '../sdk/base/json.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { importModule } from '../sdk/config-file/import-file.ts';
import { pathIn } from '../sdk/config-file/module-path.ts';
import type { FleetPlugin } from '../sdk/plugin/fleet.ts';
import { API_VERSION } from '../sdk/contract/api-version.ts';
import type { Plugin } from '../sdk/plugin/plugin.ts';
import { exportProblem, pluginProblems } from '../sdk/plugin/shape.ts';
import { approve, type Vetting } from './approve.ts';
import { CODE, EXTENSION } from './installation.ts';
import { placeOf } from './place-of.ts';
import { suggestModule } from './suggest-module.ts';

export const BUILTINS = join(CODE, 'plugins');
export const builtinFile = (name: string) => join(BUILTINS, name, `index${EXTENSION}`);
export const isBuiltin = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name) && existsSync(builtinFile(name));

/** An entry of the configuration that names a module. */
export type ModuleEntry = { readonly name: string; readonly options: object };

/** Where modules are resolved from, why their code may run (absent: not checked), and where compiled code is kept. */
export type Origin = { readonly base: string; readonly vetting?: Vetting; readonly stateDir: string };

/** A plugin and the file that it comes from. */
export type MadePlugin = { readonly plugin: Plugin; readonly file: string };

/** Imports the module and calls its factory, which may be asynchronous. The caller limits how long that may take. */
export async function makePlugin({ name, options }: ModuleEntry, origin: Origin): Promise<MadePlugin> {
  const { module, file } = await importNamed(name, origin);
  const factory = defaultOf(module);
  const problem = exportProblem(factory);
  if (typeof factory !== 'function' || problem !== undefined)
    throw new KeepaliveError('KA_PLUGIN_INVALID', {
      module: name,
      file,
      problems: [{ path: 'default export', message: problem }],
    });
  try {
    const made: unknown = await factory(options);
    return { plugin: checkPlugin({ module: name, file }, made), file };
  } catch (error) {
    throw isKeepaliveError(error) ? error : loadFailure(name, file, error);
  }
}

/** A plugin that threw while it was loaded, with the place in its own code. */
const loadFailure = (name: string, file: string, error: unknown): KeepaliveError =>
  new KeepaliveError('KA_PLUGIN_FAILED', { plugin: name, call: 'load', file, at: placeOf(error, file) }, error);

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

type Named = { readonly module: unknown; readonly file: string };

async function importNamed(name: string, { base, vetting, stateDir }: Origin): Promise<Named> {
  if (isBuiltin(name)) {
    const file = builtinFile(name);
    return { module: await import(pathToFileURL(file).href), file };
  }
  const path = pathIn(name, base);
  const missing = () => {
    const hint = suggestModule(name, base, builtinNames());
    return new KeepaliveError('KA_PLUGIN_NOT_FOUND', { module: name, from: base, ...(hint && { hint }) });
  };
  if (path !== undefined && !existsSync(path)) throw missing();
  let file = path ?? name;
  try {
    const check = async (found: string) => {
      file = found;
      if (vetting) await approve(name, found, vetting, stateDir);
    };
    const imported = await importModule(path ?? name, base, stateDir, check);
    if (!imported) throw missing();
    checkApiVersion(name, imported.path);
    return { module: imported.module, file: imported.path };
  } catch (error) {
    throw isKeepaliveError(error) ? error : loadFailure(name, file, error);
  }
}

/** The names of the plugins that come with the product. */
export const builtinNames = (): readonly string[] => readdirSync(BUILTINS).filter(isBuiltin);

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
      const details = { module: name, file, declared: String(declared), supported: API_VERSION };
      throw new KeepaliveError('KA_PLUGIN_API', details);
    }
    return;
  }
}

/** Where a plugin is from, for messages. */
export type From = { readonly module: string; readonly file?: string | undefined };

/** Throws `KA_PLUGIN_INVALID` if it is not a plugin. */
export function checkPlugin(from: From, plugin: unknown): Plugin {
  const problems = pluginProblems(plugin);
  if (problems.length > 0) throw new KeepaliveError('KA_PLUGIN_INVALID', { ...from, problems });
  return plugin as Plugin;
}

/** jiti returns the exports of a CommonJS module unchanged, or wrapped in `default`. */
function defaultOf(module: unknown): unknown {
  let at = module;
  for (let depth = 0; depth < 2 && isRecord(at) && 'default' in at; depth++) at = at['default'];
  return at;
}
