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
}
export const Settings = Symbol('Settings') as InjectionToken<Settings>;

const versions = MIGRATIONS.settings;

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const { sessions: read, ...others } = await recall(file, log, { versions, understand });
  const sessions = new Map(Object.entries(read));
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
      await writeDurably(file, JSON.stringify({ ...others, sessions: Object.fromEntries(sessions) }, null, 2));
    },
  };
}

/** A policy may have members that a newer version added. They are kept, and not used. */
const knownMembers = partialPolicySchema.strip();

type SettingsFile = { readonly version: number; readonly sessions: Readonly<Record<string, PartialPolicy>> };

/** Session by session: damaged settings of one do not affect the others. */
function understand(json: unknown): SettingsFile {
  const { sessions, ...others } = isRecord(json) ? json : {};
  const good = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, PartialPolicy] => knownMembers.safeParse(entry[1]).success,
  );
  return { ...others, version: versions.current, sessions: Object.fromEntries(good) };
}
