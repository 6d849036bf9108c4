import type { InjectionToken } from 'tsyringe';
import type { PartialPolicy, PolicyPatch } from '../../sdk/contract/policy.ts';
import { isRecord } from '../../sdk/base/json.ts';
import type { Addition } from '../../sdk/contract/rpc.ts';
import { additionSchema } from '../../sdk/contract/rpc-tool-schema.ts';
import { inTurn } from '../../runtime/in-turn.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { recall } from '../../runtime/files/own-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { partialPolicySchema } from '../../sdk/contract/policy-schema.ts';
import { MIGRATIONS } from './migrations.ts';

/** What the user changed in a frontend. It overrides the configuration, which no program rewrites. */
export interface Settings {
  of(id: string): PartialPolicy;
  /** Changes some members; null resets one to the configuration's value. Resolves when it is on disk. */
  change(id: string, patch: PolicyPatch): Promise<void>;
  isNotifierOn(id: string): boolean;
  /** Switches a notifier on or off. Resolves when it is on disk. */
  switchNotifier(id: string, on: boolean): Promise<void>;
  /** The sessions that the user added, in the order in which they were added. */
  readonly added: readonly Addition[];
  /** Adds a session. Resolves when it is on disk. */
  add(addition: Addition): Promise<void>;
  /** Removes an added session and, unless `keepPolicy`, what the user changed of its policy. */
  remove(id: string, options?: { readonly keepPolicy?: boolean }): Promise<void>;
}
export const Settings = Symbol('Settings') as InjectionToken<Settings>;

/** The id of an added session. Each built-in provider has its own name as the default. */
export const idOf = ({ plugin, options: { id } }: Addition): string => (typeof id === 'string' ? id : plugin);

const versions = MIGRATIONS.settings;

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const {
    sessions: read,
    added: readAdded = [],
    notifiersOff = [],
    ...others
  } = await recall(file, log, { versions, understand });
  const sessions = new Map(Object.entries(read));
  let added = readAdded;
  const off = new Set(notifiersOff);
  const inOrder = inTurn();
  // The content is that of the time of writing, so a write never undoes a later change.
  const save = () =>
    inOrder(() => {
      const lists = { ...(added.length > 0 && { added }), ...(off.size > 0 && { notifiersOff: [...off] }) };
      const content = { ...others, sessions: Object.fromEntries(sessions), ...lists };
      return writeDurably(file, JSON.stringify(content, null, 2));
    });
  const setPolicy = (id: string, policy: PartialPolicy) => {
    if (Object.keys(policy).length > 0) sessions.set(id, policy);
    else sessions.delete(id);
  };
  const setOn = (id: string, on: boolean) => void (on ? off.delete(id) : off.add(id));
  const setAdded = async (next: readonly Addition[]): Promise<void> => {
    const before = added;
    added = next;
    await save().catch((error: unknown) => {
      added = before;
      throw error;
    });
  };
  return {
    of: id => knownMembers.parse(sessions.get(id) ?? {}),
    async change(id, patch) {
      const before = sessions.get(id);
      const policy = patched(before, patch);
      setPolicy(id, policy);
      await save().catch((error: unknown) => {
        // Unless it was changed again meanwhile.
        if (sessions.get(id) === policy) setPolicy(id, before ?? {});
        throw error;
      });
    },
    isNotifierOn: id => !off.has(id),
    async switchNotifier(id, on) {
      const wasOn = !off.has(id);
      setOn(id, on);
      await save().catch((error: unknown) => {
        setOn(id, wasOn);
        throw error;
      });
    },
    get added() {
      return added;
    },
    add: addition => setAdded([...added, addition]),
    async remove(id, { keepPolicy = false } = {}) {
      if (!keepPolicy) sessions.delete(id);
      await setAdded(added.filter(addition => idOf(addition) !== id));
    },
  };
}

/** The policy with the changes of a patch. Throws if it is not valid. */
function patched(before: PartialPolicy | undefined, patch: PolicyPatch): PartialPolicy {
  const members = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  const policy = Object.fromEntries(members);
  knownMembers.parse(policy);
  return policy;
}

/** A policy may have members that a newer version added. They are kept, and not used. */
const knownMembers = partialPolicySchema.strip();

type SettingsFile = {
  readonly version: number;
  readonly sessions: Readonly<Record<string, PartialPolicy>>;
  /** The ids of the notifiers that the user switched off. */
  readonly notifiersOff?: readonly string[];
  readonly added?: readonly Addition[];
};

/** Session by session: damaged settings of one do not affect the others. */
function understand(json: unknown): SettingsFile {
  const { sessions, added, notifiersOff, ...others } = isRecord(json) ? json : {};
  const good = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, PartialPolicy] => knownMembers.safeParse(entry[1]).success,
  );
  return {
    ...others,
    version: versions.current,
    sessions: Object.fromEntries(good),
    ...(added !== undefined && { added: distinct(listOf(added)) }),
    ...(notifiersOff !== undefined && { notifiersOff: listOf(notifiersOff).filter(id => typeof id === 'string') }),
  };
}

const listOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : []);

/** The valid additions. Of two with the same id, the first counts. */
function distinct(added: readonly unknown[]): readonly Addition[] {
  const valid = added.filter((one): one is Addition => additionSchema.safeParse(one).success);
  return valid.filter((one, index) => valid.findIndex(other => idOf(other) === idOf(one)) === index);
}
