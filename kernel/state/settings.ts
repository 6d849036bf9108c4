import { z } from 'zod';
import type { PartialPolicy, PolicyPatch } from '../../sdk/contract/policy.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { recall } from '../../runtime/files/own-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { partialPolicySchema } from '../../sdk/contract/policy-schema.ts';

/** What a person changed in a frontend. It lies over the configuration, which no program rewrites. */
export interface Settings {
  of(id: string): PartialPolicy;
  /** Changes some members; null takes one back to what the configuration says. Resolves when it is on disk. */
  change(id: string, patch: PolicyPatch): Promise<void>;
}

const settingsSchema = z.object({ sessions: z.record(z.string(), z.unknown()) });

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const sessions = new Map(Object.entries((await recall(file, log, understood)).sessions));
  return {
    of: id => sessions.get(id) ?? {},
    async change(id, patch) {
      const merged = Object.entries({ ...sessions.get(id), ...patch }).filter(
        ([, value]) => value !== null && value !== undefined,
      );
      if (merged.length > 0) sessions.set(id, partialPolicySchema.parse(Object.fromEntries(merged)));
      else sessions.delete(id);
      await writeDurably(file, JSON.stringify({ version: 1, sessions: Object.fromEntries(sessions) }, null, 2));
    },
  };
}

type SettingsFile = { readonly version: 1; readonly sessions: Readonly<Record<string, PartialPolicy>> };

/** Session by session: one whose settings are damaged takes no other's with it. */
function understood(json: unknown): SettingsFile {
  const { success, data } = settingsSchema.safeParse(json);
  const good = Object.entries(success ? data.sessions : {}).flatMap(([id, value]) => {
    const policy = partialPolicySchema.safeParse(value);
    return policy.success ? [[id, policy.data] as const] : [];
  });
  return { version: 1, sessions: Object.fromEntries(good) };
}
