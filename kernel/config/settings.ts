import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { PartialPolicy, PolicyPatch } from '../../sdk/policy.ts';
import { writeDurably } from '../files/durable.ts';
import type { KernelLog } from '../log.ts';
import { partialPolicySchema } from '../schemas.ts';

/** What a person changed in a frontend. It lies over the configuration, which no program rewrites. */
export interface Settings {
  of(id: string): PartialPolicy;
  /** Changes some members; null takes one back to what the configuration says. Resolves when it is on disk. */
  change(id: string, patch: PolicyPatch): Promise<void>;
}

const settingsSchema = z.object({ version: z.literal(1), sessions: z.record(z.string(), partialPolicySchema) });

export async function openSettings(file: string, log: KernelLog): Promise<Settings> {
  const sessions = new Map(Object.entries(await read(file, log)));
  return {
    of: id => sessions.get(id) ?? {},
    async change(id, patch) {
      const merged = Object.entries({ ...sessions.get(id), ...patch }).filter(([, value]) => value !== null && value !== undefined);
      if (merged.length > 0) sessions.set(id, partialPolicySchema.parse(Object.fromEntries(merged)));
      else sessions.delete(id);
      await writeDurably(file, JSON.stringify({ version: 1, sessions: Object.fromEntries(sessions) }, null, 2));
    },
  };
}

async function read(file: string, log: KernelLog): Promise<Readonly<Record<string, PartialPolicy>>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return settingsSchema.parse(JSON.parse(text)).sessions;
  } catch (error) {
    const aside = `${file}.damaged-${Date.now()}`;
    await rename(file, aside);
    log.warn({ aside, err: error }, 'the settings file was damaged and has been set aside');
    return {};
  }
}
