import type { InjectionToken } from 'tsyringe';
import type { PartialPolicy, PolicyPatch } from '../../sdk/contract/policy.ts';
import { isRecord } from '../../sdk/base/json.ts';
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
}
export const Settings = Symbol('Settings') as InjectionToken<Settings>;

const versions = MIGRATIONS.settings;

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const { sessions: read, notifiersOff, ...others } = await recall(file, log, { versions, understand });
  const sessions = new Map(Object.entries(read));
  const off = new Set(notifiersOff);
  const save = () => {
    const json = { ...others, ...(off.size > 0 && { notifiersOff: [...off] }), sessions: Object.fromEntries(sessions) };
    return writeDurably(file, JSON.stringify(json, null, 2));
  };
  return {
    of: id => knownMembers.parse(sessions.get(id) ?? {}),
    async change(id, patch) {
      const merged = Object.entries({ ...sessions.get(id), ...patch }).filter(
        ([, value]) => value !== null && value !== undefined,
      );
      const policy = Object.fromEntries(merged);
      knownMembers.parse(policy);
      if (merged.length > 0) sessions.set(id, policy);
      else sessions.delete(id);
      await save();
    },
    isNotifierOn: id => !off.has(id),
    async switchNotifier(id, on) {
      if (on) off.delete(id);
      else off.add(id);
      await save();
    },
  };
}

/** A policy may have members that a newer version added. They are kept, and not used. */
const knownMembers = partialPolicySchema.strip();

type SettingsFile = {
  readonly version: number;
  readonly sessions: Readonly<Record<string, PartialPolicy>>;
  /** The ids of the notifiers that the user switched off. */
  readonly notifiersOff: readonly string[];
};

/** Session by session: damaged settings of one do not affect the others. */
function understand(json: unknown): SettingsFile {
  const { sessions, notifiersOff, ...others } = isRecord(json) ? json : {};
  const good = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, PartialPolicy] => knownMembers.safeParse(entry[1]).success,
  );
  const off = Array.isArray(notifiersOff) ? notifiersOff.filter(id => typeof id === 'string') : [];
  return { ...others, version: versions.current, sessions: Object.fromEntries(good), notifiersOff: off };
}
