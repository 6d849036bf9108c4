import { isDeepStrictEqual } from 'node:util';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import { describeProblem, isProblems } from '../../sdk/plugin/describe.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { clause, sentence } from '../../sdk/wording/sentence.ts';
import { groupBy } from '../../sdk/base/group-by.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { Vetting } from '../../runtime/approve.ts';
import { isBuiltin } from '../../runtime/load-module.ts';
import type { Wanted } from './entries.ts';
import { keyOf, nameOf, type Loaded } from './loader.ts';

export type Failed = { readonly error: unknown; readonly info: PluginInfo };
export type Result = Loaded | Failed;

/** An entry of the configuration and its loading state. */
export type Slot = Wanted & {
  /** Slots with the same key make the same plugin: its text, or the entry itself if that cannot be compared. */
  readonly key: string | PluginEntry;
  /** Why its code may be run. */
  readonly vetting: Vetting | undefined;
  /** Undefined before loading has begun. */
  loading: Promise<Result> | undefined;
  /** Undefined until it has loaded or failed. */
  result: Result | undefined;
  /** Set while this machine has nothing to keep alive. */
  dormant: Dormant | undefined;
};

/** A provider that waits for a sign-in. */
export type Dormant = {
  /** Looks for a sign-in now. */
  readonly look: () => Promise<void>;
  readonly unwatch: Cleanup | undefined;
};

/** Nothing is kept of `'auto'` before its tool is found. */
const UNDECIDED: Dormant = { look: async () => undefined, unwatch: undefined };

/** Every member is there from the start, so that all slots have one shape in memory. */
export const slotFor = ({ entry, at, isAuto, added }: Wanted, vetting?: Vetting): Slot => ({
  entry,
  at,
  isAuto,
  added,
  key: keyOf(entry) ?? entry,
  vetting,
  loading: undefined,
  result: undefined,
  dormant: isAuto ? UNDECIDED : undefined,
});

/**
 * A slot for each entry. An unchanged entry keeps its slot, so a reload does not disturb the users of its plugin, even
 * if the user writes an added session into the configuration.
 */
export function slotsFor(
  entries: readonly Wanted[],
  vetting: Vetting | undefined,
  former: readonly Slot[],
): readonly Slot[] {
  const reusable = groupBy(
    former.filter(({ result }) => !result || isLoaded(result)),
    ({ key }) => key,
  );
  return entries.map(entry => {
    const wanted = slotFor(entry, vetting);
    const equal = reusable.get(wanted.key) ?? [];
    const at = equal.findIndex(slot => isSame(slot, wanted));
    const reused = at < 0 ? undefined : equal.splice(at, 1)[0];
    return reused ? Object.assign(reused, { at: entry.at, added: entry.added }) : wanted;
  });
}

/** Whether two slots with the same key are of one kind, from code that may be run for the same reason. */
const isSame = (one: Slot, other: Slot): boolean =>
  one.isAuto === other.isAuto && (isBuiltin(nameOf(one.entry)) || isDeepStrictEqual(one.vetting, other.vetting));

export const isLoaded = (result: Result | undefined): result is Loaded => result !== undefined && 'plugin' in result;

export const infoOf = ({ entry, result }: Slot): PluginInfo =>
  result?.info ?? { id: nameOf(entry), kind: 'unknown', module: nameOf(entry), status: 'loading', loadMs: 0 };

/** The result of an entry that did not load. */
export function failed(module: string, error: unknown, id = module): Failed {
  const code = isKeepaliveError(error) ? error.code : 'KA_PLUGIN_FAILED';
  const { file, problems } = isKeepaliveError(error) ? error.details : {};
  const details = { ...(typeof file === 'string' && { file }), ...(isProblems(problems) && { problems }) };
  const message = describeLoadFailure(error);
  const info = { id, kind: 'unknown', module, status: 'failed', loadMs: 0 } as const;
  return { error, info: { ...info, error: { code, message, ...details } } };
}

function describeLoadFailure(error: unknown): string {
  if (!(error instanceof Error)) return sentence(String(error));
  const { problems } = isKeepaliveError(error) ? error.details : {};
  const text = isKeepaliveError(error) ? describeOurs(error) : sentence(error.message);
  const isMissing = isKeepaliveError(error) && error.code === 'KA_PLUGIN_NOT_FOUND';
  // The first line: Node adds the files that required it.
  const cause = error.cause instanceof Error && !isMissing ? (error.cause.message.split('\n')[0] ?? '') : '';
  const why = isProblems(problems) ? problems.map(describeProblem).join('; ') : cause;
  return why === '' ? text : `${clause(text)}: ${sentence(why)}`;
}

/** The slots in use: not those that wait for a sign-in, nor those of `'auto'` whose id an entry of the user's has. */
export function inUse(slots: readonly Slot[]): readonly Slot[] {
  const named = new Set(slots.map(({ isAuto, result }) => !isAuto && isLoaded(result) && result.plugin.id));
  return slots.filter(({ isAuto, dormant, result }) => {
    const givesWay = isAuto && isLoaded(result) && named.has(result.plugin.id);
    return !dormant && !givesWay;
  });
}

/** Of two plugins with the same id the first in the configuration is kept, even if it loaded later. */
export function duplicates(slots: readonly Slot[]): readonly (readonly [Slot, Failed])[] {
  const firstModules = new Map<string, string>();
  return inUse(slots).flatMap(slot => {
    const { result } = slot;
    if (!isLoaded(result)) return [];
    const { plugin, module } = result;
    const first = firstModules.get(plugin.id);
    if (first === undefined) {
      firstModules.set(plugin.id, module);
      return [];
    }
    const error = new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id: plugin.id, first, second: module });
    return [[slot, failed(module, error, plugin.id)] as const];
  });
}

/** Whether it is an added session whose id a plugin of the configuration has. */
export const isOverridden = ({ added, result }: Slot): boolean =>
  added !== undefined &&
  result !== undefined &&
  !isLoaded(result) &&
  isKeepaliveError(result.error) &&
  result.error.code === 'KA_PLUGIN_DUPLICATE_ID';

/** The problems that built-ins found in their options, with their paths in the configuration. */
export const refusals = (slots: readonly Slot[]): readonly Problem[] =>
  slots.flatMap(({ entry, at: index, added, result }) => {
    if (added !== undefined || !result || isLoaded(result) || !isBuiltin(nameOf(entry))) return [];
    const { error } = result;
    if (!isKeepaliveError(error) || error.code !== 'KA_CONFIG_INVALID') return [];
    const problems = error.details['problems'] as readonly Problem[] | undefined;
    const at = Array.isArray(entry) ? `plugins[${index}][1]` : `plugins[${index}]`;
    return (problems ?? []).map(({ path, message }) => ({
      path: path ? `${at}.${path}` : at,
      message: `${message} (${nameOf(entry)})`,
    }));
  });

/** The loaded providers that the configuration makes of the same built-in as a slot of `'auto'`. */
export const namedLike = ({ entry }: Slot, slots: readonly Slot[]): readonly ProviderPlugin[] =>
  slots.flatMap(({ isAuto, entry: other, result }) =>
    !isAuto && nameOf(other) === nameOf(entry) && isLoaded(result) && result.plugin.kind === 'provider'
      ? [result.plugin]
      : [],
  );

/** Ends the slot's watch and its plugin's process. */
export async function release({ result, dormant }: Slot): Promise<void> {
  await dormant?.unwatch?.();
  if (isLoaded(result)) await result.dispose?.();
}
