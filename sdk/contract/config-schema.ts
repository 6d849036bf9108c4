import { z } from 'zod';
import { noticesConfigSchema } from './notices-config-schema.ts';
import { partialPolicySchema } from './policy-schema.ts';

export const logLevelSchema = z.enum(['trace', 'debug', 'info', 'warn', 'error']);

export const placementSchema = z.strictObject({
  /** Run in a separate process. [false for built-ins, true for all others] */
  isolated: z.boolean().optional(),
});

const moduleSchema = z.string().min(1);

/** The entry that stands for every tool that is found on this machine, now or later. */
export const AUTO = 'auto';

const autoSchema = z.literal(AUTO).describe('Every built-in provider whose tool is found on this machine, also later.');

/** A plugin as a file in JSON or YAML names it: alone, or with options and where it runs. */
export const namedEntrySchema = z.union([
  autoSchema,
  moduleSchema,
  z.tuple([moduleSchema, z.looseObject({}), placementSchema.optional()]),
]);

/** The members of a configuration besides its plugins. Every other list of them is made from this one. */
export const configShape = {
  /** For every session. */
  policy: partialPolicySchema.optional(),
  /** For one session, by its id. */
  sessions: z.record(z.string(), partialPolicySchema).optional(),
  /** Where the API listens on loopback. Port 0 takes any free port. [0] */
  rpc: z.strictObject({ port: z.int().min(0).max(65_535).optional() }).optional(),
  /** Attempts at one time over all sessions. [3] */
  concurrency: z.int().min(1).max(1_000).optional(),
  /** When notices are delivered, and which notifier gets which. */
  notices: noticesConfigSchema.optional(),
  /** What connects this machine with others: the name of a plugin, and its options. [no fleet] */
  fleet: z.tuple([moduleSchema, z.looseObject({})]).optional(),
  logLevel: logLevelSchema.optional(),
};

/** A configuration whose plugins are what `entry` accepts. */
export const configSchema = <E extends z.ZodType>(entry: E) =>
  z.strictObject({ plugins: z.array(entry), ...configShape });
