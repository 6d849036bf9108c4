import { isDeepStrictEqual } from 'node:util';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import type { Vetting } from '../../runtime/approve.ts';
import { builtinNames, keyOf, nameOf, type Loaded } from './loader.ts';
import { isBuiltin } from '../../runtime/load-module.ts';

export type Failure = { readonly error: unknown; readonly info: PluginInfo };

/** An entry of the configuration and its loading state. */
export type Slot = {
  readonly entry: PluginEntry;
  readonly key: string | undefined;
  /** Why its code may be run. */
  readonly vetting: Vetting | undefined;
  /** Resolves once there is a result; undefined before it was begun. */
  loading?: Promise<void>;
  /** Undefined until it has loaded or failed. */
  result?: Loaded | Failure;
  /** Set while there is nothing on this machine to keep. Holds the watch for a sign-in. */
  dormant?: { unwatch: Cleanup };
};

export const slotFor = (entry: PluginEntry, vetting?: Vetting): Slot => ({ entry, key: keyOf(entry), vetting });

/** Whether two slots make the same plugin from code that may be run for the same reason. */
export const isSame = (one: Slot, other: Slot): boolean =>
  one.key !== undefined &&
  one.key === other.key &&
  (isBuiltin(nameOf(one.entry)) || isDeepStrictEqual(one.vetting, other.vetting));

export const isLoaded = (result: Slot['result']): result is Loaded => result !== undefined && 'plugin' in result;

export const infoOf = ({ entry, result }: Slot): PluginInfo =>
  result?.info ?? { id: nameOf(entry), kind: 'unknown', module: nameOf(entry), status: 'loading', loadMs: 0 };

export function failure(module: string, id: string, error: unknown): Failure {
  const root = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
  const code = isKeepaliveError(error) ? error.code : 'KA_PLUGIN_FAILED';
  const message = `${error instanceof Error ? error.message : String(error)}${root}`;
  return { error, info: { id, kind: 'unknown', module, status: 'failed', loadMs: 0, error: { code, message } } };
}

/** Of two plugins with one id the first in the configuration is kept, whichever loaded first. */
export function duplicates(slots: readonly Slot[]): readonly (readonly [Slot, Failure])[] {
  const first = new Map<string, Loaded>();
  const found: (readonly [Slot, Failure])[] = [];
  for (const slot of slots) {
    const { result } = slot;
    if (!isLoaded(result) || slot.dormant) continue;
    const {
      plugin: { id },
      module,
    } = result;
    const other = first.get(id);
    if (!other) {
      first.set(id, result);
      continue;
    }
    const error = new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id, first: other.module, second: module });
    found.push([slot, failure(module, id, error)]);
  }
  return found;
}

/** The problems that built-ins found in their options, with their paths in the configuration. */
export const refusals = (slots: readonly Slot[]): readonly Problem[] =>
  slots.flatMap(({ entry, result }, index) => {
    if (!result || isLoaded(result) || !builtinNames().includes(nameOf(entry))) return [];
    const { error } = result;
    if (!isKeepaliveError(error) || error.code !== 'KA_CONFIG_INVALID') return [];
    const problems = error.details['problems'] as readonly Problem[] | undefined;
    const at = Array.isArray(entry) ? `plugins[${index}][1]` : `plugins[${index}]`;
    return (problems ?? []).map(({ path, message }) => ({
      path: path ? `${at}.${path}` : at,
      message: `${message} (${nameOf(entry)})`,
    }));
  });

/** Ends the slot's watch and its plugin's process. */
export async function release({ result, dormant }: Slot): Promise<void> {
  await dormant?.unwatch();
  if (isLoaded(result)) await result.dispose?.();
}
